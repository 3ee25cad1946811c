import { describe, expect, test } from "vitest";
import { QemuLog } from "../../../src/replay/recorder/qemu-log.js";
import { QemuOutcomes } from "../../../src/replay/recorder/qemu-outcome.js";

/** One start of the edu engine as QEMU logs it; the device writes RAM. */
function start(time: string, iova: string, count: string): string[] {
  const store = (register: string, value: string) =>
    `17@${time}:memory_region_ops_write cpu 0 mr 0x55aa addr 0xfea000${register} value ${value} ` +
    `size 8 name 'edu-mmio'`;
  return [store("80", "0x40040"), store("88", iova), store("90", count), store("98", "0x3")];
}

function translate(time: string, iova: string, gpa: string, mask = "0xfff"): string {
  return `17@${time}:vtd_dmar_translate dev 00:02.00 iova ${iova} -> gpa ${gpa} mask ${mask}`;
}

function fault(time: string, addr: string): string {
  return `17@${time}:vtd_dmar_fault sid 0x10 fault 5 addr ${addr} write 1`;
}

function outcomes(...lines: string[]): QemuOutcomes {
  const log = new QemuLog();
  for (const line of lines) log.push(line);
  return new QemuOutcomes(log);
}

const FIRST = { from_us: 100_000_000, iova: 0x1000n, length_bytes: 16, write: true };

describe("the log of an emulated VT-d", () => {
  test("tells the physical address of a transfer that went through", () => {
    const log = outcomes(
      ...start("100.000001", "0x1008", "0x10"),
      translate("100.1", "0x1000", "0x77000"),
    );
    const found = log.next({ ...FIRST, iova: 0x1008n });
    expect(found).toEqual({ observed: "ok", physical: 0x77008n });
  });

  test("tells a transfer that got through in part", () => {
    const log = outcomes(
      ...start("100.0", "0x1ff8", "0x10"),
      translate("100.1", "0x1000", "0x77000"),
      fault("100.100001", "0x2000"),
      fault("100.100002", "0x2004"),
    );
    const found = log.next({ ...FIRST, iova: 0x1ff8n });
    expect(found).toMatchObject({ observed: "partial", fault_reason: "fault 5" });
  });

  test("holds for the whole of a huge page", () => {
    const log = outcomes(
      ...start("100.0", "0x203ff8", "0x10"),
      translate("100.1", "0x200000", "0x40000000", "0x1fffff"),
    );
    const found = log.next({ ...FIRST, iova: 0x203ff8n });
    expect(found).toEqual({ observed: "ok", physical: 0x40003ff8n });
  });

  test("says nothing about a transfer it does not mention", () => {
    const log = outcomes(...start("100.0", "0x1000", "0x10"));
    expect(log.next(FIRST)).toBeUndefined();
    expect(log.next({ ...FIRST, from_us: 200_000_000 })).toBeUndefined();
  });

  test("does not take the next transfer's faults for this one's", () => {
    const log = outcomes(
      ...start("100.0", "0x1000", "0x10"),
      translate("100.1", "0x1000", "0x77000"),
      ...start("100.2", "0x1000", "0x10"),
      fault("100.3", "0x1000"),
    );
    expect(log.next(FIRST)?.observed).toBe("ok");
    expect(log.next({ ...FIRST, from_us: 100_200_000 })?.observed).toBe("fault");
  });

  test("is found although the program's clock was off by a second", () => {
    const log = outcomes(
      ...start("101.2", "0x1000", "0x10"),
      translate("101.3", "0x1000", "0x77000"),
    );
    expect(log.next(FIRST)?.observed).toBe("ok");
  });
});

describe("the log of an emulated AMD-Vi", () => {
  const result = (time: string, gpa: string, hpa: string) =>
    `17@${time}:amdvi_translation_result devid: 00:03.0 gpa ${gpa} hpa ${hpa}`;

  test.each([
    ["0x77000", { observed: "ok", physical: 0x77000n }],
    ["0x0", { observed: "fault", fault_reason: "page not present" }],
    ["0x1000", { observed: "fault", fault_reason: "device blocked" }],
  ])("a result of %s", (hpa, expected) => {
    const log = outcomes(...start("100.0", "0x1000", "0x10"), result("100.1", "0x1000", hpa));
    expect(log.next(FIRST)).toEqual(expected);
  });
});

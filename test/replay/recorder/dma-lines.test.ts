import { describe, expect, test } from "vitest";
import type { Event } from "../../../src/engine/event/index.js";
import { RecorderImporter } from "../../../src/replay/recorder/import.js";
import type { RawLine } from "../../../src/replay/recorder/raw-line.js";

/** Imports lines that happen one after the other in one process. */
function imported(...lines: RawLine[]): Event[] {
  const importer = new RecorderImporter("test");
  const placed = lines.map((line, seq) => ({ seq, ts: seq, ts_end: seq, pid: 7, tid: 7, ...line }));
  return [
    ...placed.flatMap((line, index) => [...importer.push(line, index + 1)]),
    ...importer.end(),
  ];
}

function dmaOf(...lines: RawLine[]) {
  return imported(...lines).filter((event) => event.type === "dma");
}

const OPEN = {
  ev: "open",
  path: "/dev/vfio/devices/vfio0",
  flags: 2,
  dirfd: -100,
  mode: 0,
  ret: 5,
};
const RUN = { ev: "dma", dir: "edu_to_ram", iova: "0x1000", edu_off: 64, count: 16, done: true };
const place = { memfd_off: "0x0", len: 16 };
const zeros = "00".repeat(16);
const bytes = "0102030405060708090a0b0c0d0e0f10";

describe("a run of the edu engine", () => {
  test("is a transfer of the device whose node was opened first", () => {
    const [dma] = dmaOf(OPEN, { ...RUN, pending_op: "unmap" });
    expect(dma).toMatchObject({
      device: "vfio0",
      direction: "write",
      iova: 0x1000n,
      length_bytes: 16,
      device_offset: 64,
      pending_op: "unmap",
      observed: "unknown",
    });
  });

  test("went through when the program found its target changed", () => {
    const stored = { ev: "cpu_write", ...place, hex: zeros };
    const found = { ev: "ram", ...place, hex: bytes };
    expect(dmaOf(OPEN, stored, RUN, found)[0]?.observed).toBe("ok");
  });

  test("stays unknown when the target is as it was, or was not looked at as a whole", () => {
    const stored = { ev: "cpu_write", ...place, hex: zeros };
    const same = { ev: "ram", ...place, hex: zeros };
    const part = { ev: "ram", memfd_off: "0x0", len: 8, hex: bytes.slice(0, 16) };
    expect(dmaOf(OPEN, stored, RUN, same)[0]?.observed).toBe("unknown");
    expect(dmaOf(OPEN, stored, RUN, part)[0]?.observed).toBe("unknown");
  });
});

describe("other shapes of DMA lines", () => {
  test("a copy is two transfers, the first in place of the store that starts it", () => {
    const command = (value: string) => ({
      ev: "mmio",
      op: "w",
      off: "0x98",
      size: 8,
      val: value,
    });
    const copy = { src_iova: "0x1000", dst_iova: "0x2000", bytes: 256, data_moved: true };
    const events = imported(OPEN, command("0x1"), command("0x3"), { ev: "dma", ...copy });
    expect(events.map(({ type }) => type)).toEqual(["open", "dma", "mmio", "dma"]);
    expect(events[1]).toMatchObject({ direction: "read", iova: 0x1000n, observed: "ok" });
    expect(events[3]).toMatchObject({ direction: "write", iova: 0x2000n, observed: "ok" });
  });

  test("data that was found where it should be is a transfer that went through", () => {
    const line = { ev: "dma", dev: "0000:00:03.0", iova: "0x1000", bytes: 16, slot: 0 };
    const landed = [{ memfd_fd: 3, off: "0x0" }];
    const [found, lost] = dmaOf({ ...line, landed }, { ...line, landed: [] });
    expect(found).toMatchObject({ device: "0000:00:03.0", direction: "write", observed: "ok" });
    expect(lost?.observed).toBe("unknown");
  });

  test("bytes that arrived over a kexec are counted against what was asked for", () => {
    const count = { ev: "mmio", op: "w", off: "0x90", size: 8, val: "0x800" };
    const arrived = (bytes_arrived: number) => ({
      ev: "dma",
      what: "pending over kexec",
      iova: "0x1000",
      bytes_arrived,
      other_words_changed: 0,
    });
    const seen = dmaOf(count, arrived(0x800), arrived(0x400), arrived(0));
    expect(seen.map(({ observed }) => observed)).toEqual(["ok", "partial", "fault"]);
    expect(seen[2]?.length_bytes).toBe(0x800);
  });
});

test("a machine line names the edu device, with its group and reserved regions", () => {
  const edu = {
    bdf: "0000:00:03.0",
    vendor: "0x1234",
    device: "0x11e8",
    driver: "vfio-pci",
    cdev: "/dev/vfio/devices/vfio0",
    group: 2,
    reserved_regions: [["0xfee00000", "0xfeefffff", "msi"]],
  };
  const machine = { ev: "machine", iommu: "amd-vi", page_size: 4096, uid: 0, devices: [edu] };
  const [facts, dma] = imported(machine, RUN);
  const reserved = [{ first: 0xfee00000n, last: 0xfeefffffn, kind: "msi" }];
  const device = { bdf: edu.bdf, group: 2, cdev: edu.cdev, reserved, resettable: false };
  expect(facts).toMatchObject({ facts: { iommu: "amd-vi", devices: [device] } });
  expect(dma).toMatchObject({ device: edu.bdf });
});

import { describe, expect, test } from "vitest";
import { EDU, startVmm } from "./devices.js";

const VTD_CAPS = 0x00d2008c222f0686n;

/** The 24 bytes a VT-d unit answers to GET_HW_INFO. */
function vtdRegisters(ecap: bigint): Uint8Array {
  const data = new Uint8Array(24);
  const view = new DataView(data.buffer);
  view.setUint32(0, 1, true);
  view.setBigUint64(8, VTD_CAPS, true);
  view.setBigUint64(16, ecap, true);
  return data;
}

/** Binds a device of a machine nothing is known of, and records its first GET_HW_INFO. */
function askUnit(type: number, out: Uint8Array, data_len: number) {
  const { scenario, vmm, iommufd } = startVmm({});
  const device = vmm.open(EDU);
  const dev_id = vmm.bind(device, iommufd);
  const { pid } = vmm;
  const fields = { size: 40, flags: 0, dev_id, data_len: 24, data_uptr: 0x7fff_0000n };
  const mem = { field: "data_uptr", addr: 0x7fff_0000n, length_bytes: 24n };
  const ask = {
    type: "ioctl" as const,
    pid,
    fd: iommufd,
    op: "IOMMU_GET_HW_INFO",
    in: { ...fields, in_data_type: 0, out_capabilities: 0n },
    out: { data_len, in_data_type: type, out_capabilities: 8n },
    mem: { ...mem, in: new Uint8Array(24), out },
    ret: 0,
  };
  const first = scenario.add(ask).outcome;
  const again = scenario.add(ask).outcome;
  vmm.attach(device, vmm.allocIoas(iommufd));
  const hwpt = scenario.machine.devices.findByCdev("vfio0")?.hardware.group.attached.get(0)?.hwpt;
  return { first, again, hwpt };
}

describe("a unit the trace says nothing about", () => {
  test("is what its registers say, and says the same again", () => {
    const registers = vtdRegisters(0x880000f00f4an);
    const { first, again, hwpt } = askUnit(1, registers, 24);
    expect(first.adopted).toContain("data_uptr");
    expect(again.adopted).toEqual([]);
    expect(again.mem_out).toEqual(registers);
    expect(hwpt).toMatchObject({ aperture_last: (1n << 47n) - 1n });
  });

  test("has second-stage tables where the registers know no others", () => {
    const { hwpt } = askUnit(1, vtdRegisters(0xf00f4an), 24);
    expect(hwpt).toMatchObject({ aperture_last: (1n << 48n) - 1n, page_sizes: 0x4020_1000n });
  });

  test("is AMD-Vi when it has nothing to tell, and then keeps two windows free", () => {
    const { hwpt } = askUnit(0, new Uint8Array(24), 0);
    const gaps = hwpt?.type === "HWPT_PAGING" ? [...hwpt.ioas.reserved.gaps()] : [];
    expect(gaps).toHaveLength(3);
  });
});

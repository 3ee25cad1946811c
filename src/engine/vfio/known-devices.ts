/**
 * Interrupt vectors of devices that QEMU emulates, by `vendor:device`: INTx, MSI, MSI-X, error,
 * request. They serve where user space uses an interrupt before it asked for its vectors; an answer
 * of GET_IRQ_INFO in the trace goes before.
 */
export const VECTORS: Readonly<Record<string, readonly number[]>> = {
  /** edu */
  "1234:11e8": [1, 1, 0, 1, 1],
  /** nvme */
  "1b36:0010": [1, 0, 65, 1, 1],
  /** e1000e */
  "8086:10d3": [1, 1, 5, 1, 1],
};

/** SR-IOV functions among them: igb and its virtual function. */
const SRIOV: Readonly<Record<string, "physical" | "virtual">> = {
  "8086:10c9": "physical",
  "8086:10ca": "virtual",
};

const HEX_PREFIX = /^0x/;

/** @param vendor As sysfs shows it, such as 0x1234. */
export function knownVectors(vendor: string, device: string): readonly number[] | undefined {
  return VECTORS[idOf(vendor, device)];
}

/** What a well-known device is to SR-IOV; undefined for others. */
export function knownSriov(vendor = "", device = ""): "physical" | "virtual" | undefined {
  return SRIOV[idOf(vendor, device)];
}

function idOf(vendor: string, device: string): string {
  return `${vendor.replace(HEX_PREFIX, "")}:${device.replace(HEX_PREFIX, "")}`;
}

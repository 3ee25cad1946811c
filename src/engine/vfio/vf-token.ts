/**
 * The secret between the driver of an SR-IOV physical function and those of its virtual functions.
 * A PF has one token from its probe on, random at first; it survives close. Who opens a VF must
 * know it, and so must who opens the PF while VFs are open.
 */

import type { Errno } from "../errno.js";
import type { PciDevice } from "./pci-device.js";

/** A token as its 16 bytes in hex. */
export type VfToken = string;

/** What a device is to SR-IOV. */
export type SriovRole =
  /** Neither PF nor VF. */
  | { readonly kind: "none" }
  | {
      readonly kind: "physical";
      /** Undefined: the random one of its probe, which nobody knows. */
      token: VfToken | undefined;
      /** VFs of it that are open. */
      open_functions: number;
    }
  /** `parent` is its PF as far as that is bound to vfio-pci. */
  | { readonly kind: "virtual"; readonly parent: PciDevice | undefined };

export const NO_SRIOV: SriovRole = { kind: "none" };

export function physicalFunction(): SriovRole {
  return { kind: "physical", token: undefined, open_functions: 0 };
}

/**
 * Whether the device can be opened with this token, or with none.
 *
 * @source vfio_pci_validate_vf_token, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)
 */
export function checkVfToken(device: PciDevice, given: VfToken | undefined): Errno | undefined {
  const { sriov } = device;
  switch (sriov.kind) {
    case "none":
      return given === undefined ? undefined : "EINVAL";
    case "virtual": {
      const parent = sriov.parent?.sriov;
      if (parent?.kind !== "physical") return given === undefined ? undefined : "EINVAL";
      return given !== undefined && given === parent.token ? undefined : "EACCES";
    }
    case "physical":
      if (sriov.open_functions === 0) return undefined;
      return given !== undefined && given === sriov.token ? undefined : "EACCES";
  }
}

/** A token that passed becomes the PF's, also when the open fails later. */
export function takeVfToken({ sriov }: PciDevice, given: VfToken | undefined): void {
  if (sriov.kind === "physical" && given !== undefined) sriov.token = given;
}

/** A virtual function was opened (1) or closed (-1). */
export function countOpenFunctions({ sriov }: PciDevice, change: 1 | -1): void {
  const parent = sriov.kind === "virtual" ? sriov.parent?.sriov : undefined;
  if (parent?.kind === "physical") parent.open_functions += change;
}

const UUID = /^([0-9a-f]{8})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{4})-([0-9a-f]{12})$/i;

/** A token in the text form of a UUID; undefined for another text. */
export function parseVfToken(text: string): VfToken | undefined {
  const parts = UUID.exec(text);
  return parts === null ? undefined : parts.slice(1).join("").toLowerCase();
}

export const VF_TOKEN_BYTES = 16;

/** A token in its binary form; undefined where there are not enough bytes. */
export function vfTokenOf(bytes: Uint8Array | null | undefined): VfToken | undefined {
  if (bytes === null || bytes === undefined || bytes.length < VF_TOKEN_BYTES) return undefined;
  return Buffer.from(bytes.subarray(0, VF_TOKEN_BYTES)).toString("hex");
}

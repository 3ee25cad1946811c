/** What a fault is: one mistake in one VM's update, and the rules that must tell of it. */

import type { ProfileId } from "../../../engine/profile/index.js";
import type { Guest } from "./guest.js";

/** Where the story can go after a fault. */
export type Aftermath =
  /** The update goes on. */
  | "go_on"
  /** This VM is gone. */
  | "vm_lost"
  /** Nothing can be mended: the node crashes. */
  | "node_lost";

/** What a fault may put in the place of what goes well. */
export interface FaultActs {
  /** Instead of preserving the VM. */
  readonly preserve?: (guest: Guest) => Aftermath;
  /** When the VM is preserved. */
  readonly preserved?: (guest: Guest) => Aftermath;
  /** The image for the jump. */
  readonly image?: "kexec_load";
  /** When the next kernel has booted, before anybody fetches a session. */
  readonly booted?: (guest: Guest) => Aftermath;
  /** Instead of restoring the VM. */
  readonly restore?: (guest: Guest, step: string) => Aftermath;
}

/** The rules that a fault breaks under a profile, as many devices as it takes at least. */
export function rulesBroken(kind: FaultKind, profile: ProfileId, step?: string): readonly string[] {
  const { devices_min, steps, without_devices, rules } = kind;
  const most = profile === "luo73" || without_devices === true ? 0 : Math.max(1, devices_min);
  return rules(profile, step ?? steps?.[0] ?? "", most);
}

export interface FaultKind {
  readonly id: string;
  /** What goes wrong, in one sentence. */
  readonly summary: string;
  readonly profiles: readonly ProfileId[];
  /** Devices that the VM must have at least. */
  readonly devices_min: number;
  /** The VM may not have devices. */
  readonly without_devices?: true;
  /** Steps after which it can happen; the first one is the default. */
  readonly steps?: readonly string[];
  /**
   * The rules that must find something, errors and warnings, where VMs have so many devices; all
   * others must stay silent. The first one owns the fault, the others tell what comes of it.
   */
  readonly rules: (profile: ProfileId, step: string, devices: number) => readonly string[];
  readonly acts: FaultActs;
}

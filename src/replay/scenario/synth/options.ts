/** What can be asked of a composition. */

import type { ProfileId } from "../../../engine/profile/index.js";
import { nearestName } from "../../did-you-mean.js";
import { GENERATOR } from "../catalogue/plan.js";
import type { FaultKind } from "./fault-kind.js";
import { FAULTS } from "./faults.js";
import { PIECE_BYTES } from "./guest.js";

/** What goes wrong, and where. */
export interface FaultSpec {
  readonly kind: FaultKind;
  /** After which step of the restore a VMM dies. */
  readonly step?: string | undefined;
  /** Which VM it befalls, from 1; by default the seed decides. */
  readonly vm?: number | undefined;
}

export interface SynthOptions {
  readonly profile: ProfileId;
  /** Decides all that is left open. */
  readonly seed: string;
  readonly vms: number;
  /** Devices of each VM; 0 for VMs that have memory only. */
  readonly devices: number;
  /** Memory of each VM, in bytes: a multiple of 2 MiB. */
  readonly memory_bytes: bigint;
  /** Transfers of each VM in each phase. */
  readonly dma: number;
  readonly updates: number;
  readonly faults: readonly FaultSpec[];
  /** The load after the last update goes on until the trace has so many events. */
  readonly events?: number | undefined;
}

/** The composition cannot be told: the options contradict each other or the profile. */
export class SynthError extends Error {
  override readonly name = "SynthError";
}

const DEFAULT_MEMORY_BYTES = 0x4000_0000n;
const VMS_MAX = 1000;
const DEVICES_MAX = 32;

/**
 * Fills in what is not stated.
 *
 * @throws SynthError for what cannot be told.
 */
export function synthOptions(stated: Partial<SynthOptions>): SynthOptions {
  const { profile = "p2", seed = "0", vms = 1, dma = 8, updates = 1, faults = [] } = stated;
  const most = Math.max(profile === "luo73" ? 0 : 1, ...faults.map((f) => f.kind.devices_min));
  const { devices = most, memory_bytes = DEFAULT_MEMORY_BYTES, events } = stated;
  const options = { profile, seed, vms, devices, memory_bytes, dma, updates, faults, events };
  const problem = problemOf(options);
  if (problem !== undefined) throw new SynthError(problem);
  return options;
}

function problemOf(options: SynthOptions): string | undefined {
  const { profile, vms, devices, memory_bytes, faults } = options;
  if (vms < 1 || vms > VMS_MAX) return `a machine has 1 to ${VMS_MAX} VMs`;
  if (devices > DEVICES_MAX) return `a VM has at most ${DEVICES_MAX} devices`;
  if (profile === "luo73" && devices > 0) return "luo73 cannot preserve devices: --devices 0";
  if (memory_bytes < PIECE_BYTES || memory_bytes % PIECE_BYTES !== 0n) {
    return "the memory of a VM is a multiple of 2 MiB";
  }
  for (const { kind, vm, step } of faults) {
    if (!kind.profiles.includes(profile)) {
      return `${kind.id} cannot happen under ${profile}, only under ${kind.profiles.join(", ")}`;
    }
    if (devices < kind.devices_min) return `${kind.id} needs --devices ${kind.devices_min} or more`;
    if (devices > 0 && kind.without_devices) return `${kind.id} needs --devices 0`;
    if (vm !== undefined && vm > vms) return `there is no VM ${vm}`;
    if (step !== undefined && kind.steps?.includes(step) !== true) {
      return `${kind.id}: no step ${step}; steps are ${(kind.steps ?? ["none"]).join(", ")}`;
    }
  }
  const befallen = faults.map(({ vm }) => vm);
  if (faults.length > vms) return "each VM can have one fault: --vms is too small";
  if (new Set(befallen.filter((vm) => vm !== undefined)).size < stated(befallen)) {
    return "each VM can have one fault";
  }
  return undefined;
}

function stated(vms: readonly (number | undefined)[]): number {
  return vms.filter((vm) => vm !== undefined).length;
}

/**
 * Reads `kind[@step][@vmN]`.
 *
 * @throws SynthError when there is no such fault.
 */
export function parseFault(text: string): FaultSpec {
  const [id = "", ...places] = text.split("@");
  const kind = FAULTS.find((one) => one.id === id);
  if (kind === undefined) {
    const near = nearestName(
      id,
      FAULTS.map((one) => one.id),
    );
    const meant = near === undefined ? "" : ` (did you mean ${near}?)`;
    throw new SynthError(`no fault ${id}${meant}; lutrace synth --fault list shows them`);
  }
  let step: string | undefined;
  let vm: number | undefined;
  for (const place of places) {
    const number = /^vm([1-9]\d{0,3})$/.exec(place)?.[1];
    if (number !== undefined) vm = Number(number);
    else step = place;
  }
  return { kind, step, vm };
}

/** The command that makes the same trace again. */
export function commandOf(options: SynthOptions): string {
  const { profile, seed, vms, devices, memory_bytes, dma, updates, faults, events } = options;
  const words = [GENERATOR, `--profile ${profile}`, `--seed ${quoted(seed)}`, `--vms ${vms}`];
  words.push(`--devices ${devices}`, `--memory ${memory_bytes / 0x10_0000n}M`, `--dma ${dma}`);
  words.push(`--updates ${updates}`);
  if (faults.length > 0) words.push(`--fault ${faults.map(faultText).join(",")}`);
  if (events !== undefined) words.push(`--events ${events}`);
  return words.join(" ");
}

function faultText({ kind, step, vm }: FaultSpec): string {
  return [kind.id, ...(step === undefined ? [] : [step]), ...(vm ? [`vm${vm}`] : [])].join("@");
}

/** As a shell takes it. */
function quoted(text: string): string {
  return /^[\w.-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

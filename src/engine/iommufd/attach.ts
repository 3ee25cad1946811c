/**
 * Attach, replace and detach (iommufd.md 7). The first two come as a plan: it says what would
 * happen and changes nothing until it is committed.
 *
 * @source iommufd_device_change_pt, drivers/iommu/iommufd/device.c (v7.3.4)
 */

import type { Errno } from "../errno.js";
import type { Process } from "../process/process.js";
import { checkAttach, checkReplace } from "./attach-checks.js";
import { moveGroup, putHwpt, takeHwpt } from "./attach-effects.js";
import type { Device } from "./device.js";
import { type Hwpt, HwptPaging, isHwpt, pagingOf } from "./hwpt.js";
import { Ioas } from "./ioas.js";

/** The call would fail. */
export interface AttachRefusal {
  readonly errno: Errno;
  readonly why: string;
  /** What the refusal leaves behind in the hardware; call it when the kernel refused, too. */
  readonly aftermath?: (() => void) | undefined;
}

/** What is to be attached to what. */
export interface AttachWish {
  readonly device: Device;
  /** 0: requests without PASID (the RID). */
  readonly pasid: number;
  /** Id of a HWPT, or of an IOAS for a HWPT of the kernel's choice. */
  readonly pt_id: number;
  /** The caller: with a new page table its memory is pinned. */
  readonly process: Process;
  /** It is known to have happened: what a design keeps off a restored HWPT does not count. */
  readonly against_design?: boolean;
}

type Verb = "attach" | "replace";

/** An attach or replace that passed all checks. */
export class AttachPlan {
  readonly errno = undefined;

  constructor(
    readonly verb: Verb,
    readonly wish: AttachWish,
    /** The HWPT that will be used. */
    readonly hwpt: Hwpt,
    /** The HWPT is made by this call and gets the next free id. */
    readonly fresh: boolean,
  ) {}

  /**
   * The id the call reports: of the HWPT now used.
   *
   * @param taken Ids the call takes for other objects before.
   */
  predictedId(taken = 0): number {
    if (!this.fresh) return this.hwpt.id;
    return this.hwpt.context.nextIds(taken + 1)[taken] ?? 0;
  }

  /** True when `id` can be a second HWPT, made because the existing one was passed over. */
  canBeSecondHwpt(id: number, taken = 0): boolean {
    const { context } = this.hwpt;
    const isAuto = context.find(this.wish.pt_id) instanceof Ioas;
    return isAuto && !this.fresh && id === context.nextIds(taken + 1)[taken];
  }

  /**
   * Makes the change. `id` is the predicted one, or what the kernel reported where it chose
   * differently: then its choice is followed.
   */
  commit(id: number): Hwpt {
    const { device, pasid, process } = this.wish;
    const hwpt = this.hwptFor(id);
    if (hwpt.id === 0 && hwpt.type === "HWPT_PAGING") hwpt.publish(id, process);
    if (this.verb === "attach") takeHwpt(device, pasid, hwpt);
    else moveGroup(device, pasid, hwpt);
    return hwpt;
  }

  private hwptFor(id: number): Hwpt {
    const { context } = this.hwpt;
    const object = context.find(id);
    if (isHwpt(object)) return object;
    if (this.fresh || object !== undefined) return this.hwpt;
    return newAutoHwpt(this.wish.device, pagingOf(this.hwpt).ioas);
  }
}

/**
 * Attaches a device: ENOENT for an unknown id, EINVAL for a wrong type or an incompatible domain,
 * EBUSY when it is attached already, EADDRINUSE when its reserved regions are in use, and what
 * pinning the IOAS for a new HWPT answers.
 */
export function planAttach(wish: AttachWish): AttachPlan | AttachRefusal {
  return plan("attach", wish);
}

/** Moves the whole group to another domain; EINVAL when the device has nothing attached there. */
export function planReplace(wish: AttachWish): AttachPlan | AttachRefusal {
  return plan("replace", wish);
}

/** Detaches; a PASID the device has nothing attached at is no error. */
export function detach(device: Device, pasid: number): void {
  if (device.attachment(pasid) !== undefined) putHwpt(device, pasid);
}

function plan(verb: Verb, wish: AttachWish): AttachPlan | AttachRefusal {
  const target = wish.device.context.find(wish.pt_id);
  if (target === undefined) return { errno: "ENOENT", why: `no object has id ${wish.pt_id}` };
  if (isHwpt(target)) {
    return check(verb, wish, target) ?? new AttachPlan(verb, wish, target, false);
  }
  if (target instanceof Ioas) return planAuto(verb, wish, target);
  return { errno: "EINVAL", why: `a ${target.type} is nothing to attach to` };
}

function check(verb: Verb, wish: AttachWish, hwpt: Hwpt): AttachRefusal | undefined {
  return verb === "attach" ? checkAttach(wish, hwpt) : checkReplace(wish, hwpt);
}

/**
 * The first automatic HWPT of the IOAS that accepts; where all answer EINVAL, a new one. A new one
 * is attached before it joins the IOAS, but joins it before it replaces another.
 *
 * @source iommufd_device_auto_get_domain, drivers/iommu/iommufd/device.c (v7.3.4)
 */
function planAuto(verb: Verb, wish: AttachWish, ioas: Ioas): AttachPlan | AttachRefusal {
  for (const hwpt of ioas.domains) {
    if (!hwpt.auto) continue;
    const refusal = check(verb, wish, hwpt);
    if (refusal === undefined) return new AttachPlan(verb, wish, hwpt, false);
    if (refusal.errno !== "EINVAL") return refusal;
  }
  const hwpt = newAutoHwpt(wish.device, ioas);
  const join = (): AttachRefusal | undefined => {
    const errno = ioas.checkAddDomain(hwpt, wish.process);
    return errno === undefined ? undefined : { errno, why: "the IOAS cannot take a new domain" };
  };
  const refusal =
    verb === "attach" ? (check(verb, wish, hwpt) ?? join()) : (join() ?? check(verb, wish, hwpt));
  return refusal ?? new AttachPlan(verb, wish, hwpt, true);
}

function newAutoHwpt(device: Device, ioas: Ioas): HwptPaging {
  const { hardware, context } = device;
  return new HwptPaging(context, context.machine.newSerial(), {
    ioas,
    unit: hardware.unit,
    format: hardware.unit.paging,
    flags: 0,
    auto: true,
    enforce_cache_coherency: hardware.capabilities.enforce_cache_coherency,
  });
}

/** Follows the kernel where it attached or replaced although the model refused. */
export function followAttach(wish: AttachWish, id: number): void {
  const { device, pasid, pt_id } = wish;
  const { context, group } = device;
  const target = context.find(pt_id);
  const verb = device.attachment(pasid) === undefined ? "attach" : "replace";
  if (verb === "attach" && group.attached.has(pasid)) return;
  if (isHwpt(target)) new AttachPlan(verb, wish, target, false).commit(id);
  else if (target instanceof Ioas) {
    new AttachPlan(verb, wish, newAutoHwpt(device, target), true).commit(id);
  }
}

/** Which HWPT an allocation makes, or why it makes none (iommufd.md 6). */

import type { Errno } from "../errno.js";
import type { Process } from "../process/process.js";
import type { Device } from "./device.js";
import type { Fault } from "./fault.js";
import { type Hwpt, HwptNested, HwptPaging } from "./hwpt.js";
import { Ioas } from "./ioas.js";
import {
  HWPT_DIRTY_TRACKING,
  HWPT_FAULT_ID_VALID,
  HWPT_NEST_PARENT,
  HWPT_PASID,
  type UserData,
} from "./iommu-unit.js";
import type { IommufdObject } from "./object.js";
import { Viommu } from "./viommu.js";

const PAGING_FLAGS = HWPT_NEST_PARENT | HWPT_DIRTY_TRACKING | HWPT_FAULT_ID_VALID | HWPT_PASID;
const NESTED_FLAGS = HWPT_FAULT_ID_VALID | HWPT_PASID;

export interface HwptWish {
  readonly device: Device;
  /** HWPT_ALLOC flags. */
  readonly flags: number;
  readonly data: UserData | undefined;
  readonly fault: Fault | undefined;
  /** The caller: the memory of the IOAS is pinned for a new page table. */
  readonly process: Process;
}

export interface HwptRefusal {
  readonly errno: Errno;
  readonly why: string;
}

/** The HWPT on top of `target`, not yet visible. */
export function planHwpt(target: IommufdObject, wish: HwptWish): Hwpt | HwptRefusal {
  if (target instanceof Ioas) return planPaging(target, wish);
  if (target instanceof HwptPaging) return planNested(target, wish);
  if (target instanceof Viommu) return planNestedInViommu(target, wish);
  return refuse("EINVAL", `a ${target.type} is no base for a HWPT`);
}

/** @source iommufd_hwpt_paging_alloc, drivers/iommu/iommufd/hw_pagetable.c (v7.3.4) */
function planPaging(ioas: Ioas, wish: HwptWish): HwptPaging | HwptRefusal {
  const { device, flags, data, process } = wish;
  const { unit, capabilities } = device.hardware;
  if ((flags & ~PAGING_FLAGS) !== 0) return refuse("EOPNOTSUPP", "unknown flags");
  if ((flags & HWPT_DIRTY_TRACKING) !== 0 && !capabilities.dirty_tracking) {
    return refuse("EOPNOTSUPP", "the device cannot track dirty pages");
  }
  if ((flags & HWPT_FAULT_ID_VALID) !== 0 && (flags & HWPT_NEST_PARENT) !== 0) {
    return refuse("EOPNOTSUPP", "a nest parent has no fault queue");
  }
  const request = { device: device.hardware, flags: flags & ~HWPT_FAULT_ID_VALID, data };
  const format = unit.planPaging(request);
  if (typeof format === "string") return refuse(format, `${unit.name} refuses flags or data`);
  const hwpt = newPaging(ioas, wish, format);
  const errno = ioas.checkAddDomain(hwpt, process);
  return errno === undefined ? hwpt : refuse(errno, "the IOAS cannot take a new domain");
}

/** A page table nobody checked: for one that the kernel made although the model refused. */
export function newPaging(
  ioas: Ioas,
  { device, flags, fault }: Pick<HwptWish, "device" | "flags" | "fault">,
  format = device.hardware.unit.paging,
): HwptPaging {
  const { context, hardware } = device;
  const { unit, capabilities } = hardware;
  const { enforce_cache_coherency } = capabilities;
  const spec = { ioas, unit, format, flags, auto: false, enforce_cache_coherency, fault };
  return new HwptPaging(context, context.machine.newSerial(), spec);
}

/** @source iommufd_hwpt_nested_alloc, drivers/iommu/iommufd/hw_pagetable.c (v7.3.4) */
function planNested(parent: HwptPaging, wish: HwptWish): HwptNested | HwptRefusal {
  const { device, flags, data } = wish;
  const { unit } = device.hardware;
  if ((flags & ~NESTED_FLAGS) !== 0) return refuse("EOPNOTSUPP", "unknown flags");
  if (data === undefined || unit.nesting === undefined) {
    return refuse("EOPNOTSUPP", "nested page tables need driver data and a driver for it");
  }
  if (parent.auto || !parent.nest_parent || parent.unit.driver !== unit.driver) {
    return refuse("EINVAL", `HWPT ${parent.id} is no nest parent for this device`);
  }
  const domain = unit.nesting.planNested(data);
  if (typeof domain === "string") return refuse(domain, `${unit.name} refuses the data`);
  return newNested(parent, undefined, wish, domain);
}

/** @source iommufd_viommu_alloc_hwpt_nested, drivers/iommu/iommufd/hw_pagetable.c (v7.3.4) */
function planNestedInViommu(viommu: Viommu, wish: HwptWish): HwptNested | HwptRefusal {
  const { device, flags, data } = wish;
  if (device.hardware.unit !== viommu.unit) {
    return refuse("EINVAL", "the device is behind another IOMMU than the vIOMMU");
  }
  if ((flags & ~NESTED_FLAGS) !== 0) return refuse("EOPNOTSUPP", "unknown flags");
  if (data === undefined) return refuse("EOPNOTSUPP", "nested page tables need driver data");
  const domain = viommu.support.planNested(data);
  if (typeof domain === "string") return refuse(domain, `${viommu.unit.name} refuses the data`);
  return newNested(viommu.hwpt, viommu, wish, domain);
}

function newNested(
  parent: HwptPaging,
  viommu: Viommu | undefined,
  { device, flags, fault }: HwptWish,
  domain: HwptNested["domain"],
): HwptNested {
  const { context } = device;
  const serial = context.machine.newSerial();
  return new HwptNested(context, serial, parent, viommu, flags, fault, domain);
}

function refuse(errno: Errno, why: string): HwptRefusal {
  return { errno, why };
}

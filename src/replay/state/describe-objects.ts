/** The objects of an iommufd in a state document, by type; they name each other by their ids. */

import type { Access } from "../../engine/iommufd/access.js";
import type { Device } from "../../engine/iommufd/device.js";
import type { Fault, FaultGroup } from "../../engine/iommufd/fault.js";
import type { HwQueue } from "../../engine/iommufd/hw-queue.js";
import type { HwptNested, HwptPaging } from "../../engine/iommufd/hwpt.js";
import type { Ioas } from "../../engine/iommufd/ioas.js";
import type { IommufdObject, ObjectType } from "../../engine/iommufd/object.js";
import type { Vdevice } from "../../engine/iommufd/vdevice.js";
import type { Veventq } from "../../engine/iommufd/veventq.js";
import type { Viommu } from "../../engine/iommufd/viommu.js";
import { RestoredHwpt } from "../../engine/liveupdate/restored-hwpt.js";
import type { SelftestDevice } from "../../engine/selftest/selftest-device.js";
import { DOMAINS, deviceTitle } from "./describe-device.js";
import { describeIoas } from "./describe-ioas.js";
import { hexText, type Naming, onlyIf, rangeText } from "./naming.js";
import type { StateObject } from "./state-value.js";

type Details<T extends IommufdObject> = (object: T, naming: Naming) => StateObject;

export function describeObject(object: IommufdObject, naming: Naming): StateObject {
  return {
    id: object.id,
    type: object.type,
    users: object.users,
    ...DETAILS[object.type](object as never, naming),
  };
}

const DETAILS: { readonly [T in ObjectType]: Details<never> } = {
  DEVICE: (device: Device, naming) => ({
    device: deviceTitle(device.hardware, naming),
    vdevice: device.vdevice?.id,
    attachments: device.attachedPasids().map((pasid) => ({
      pasid,
      hwpt: device.attachment(pasid)?.hwpt.id,
    })),
  }),
  HWPT_PAGING: (hwpt: HwptPaging, naming) =>
    hwpt instanceof RestoredHwpt ? describeRestored(hwpt, naming) : describePaging(hwpt),
  HWPT_NESTED: (hwpt: HwptNested) => ({
    parent: hwpt.parent.id,
    viommu: hwpt.viommu?.id,
    flags: hwpt.flags,
    fault: hwpt.fault?.id,
  }),
  IOAS: (ioas: Ioas, naming) => describeIoas(ioas, naming),
  ACCESS: (access: Access) => ({
    ioas: access.ioas?.id,
    needs_pin_pages: access.needs_pin_pages,
    pins: [...access.pins].map((pin) => ({
      first: hexText(pin.first),
      last: hexText(pin.last),
      write: pin.write,
      lock: pin.lock,
    })),
  }),
  FAULT: (fault: Fault) => ({
    waiting: fault.waiting.map((group) => requestText(group)),
    unanswered: [...fault.unanswered].map(([cookie, group]) => `${cookie}: ${requestText(group)}`),
  }),
  VIOMMU: (viommu: Viommu) => ({ parent: viommu.hwpt.id, kind: viommu.support.type }),
  VDEVICE: (vdevice: Vdevice) => ({
    viommu: vdevice.viommu.id,
    of_device: vdevice.device.id,
    virt_id: hexText(vdevice.virt_id),
  }),
  VEVENTQ: (queue: Veventq) => ({
    viommu: queue.viommu.id,
    event_type: queue.event_type,
    depth: queue.depth,
    events: queue.events.map(({ sequence, payload }) => {
      const bytes = payload === undefined ? "lost" : Buffer.from(payload).toString("hex");
      return `${sequence}: ${bytes}`;
    }),
  }),
  HW_QUEUE: (queue: HwQueue) => ({
    viommu: queue.viommu.id,
    index: queue.index,
    depends_on: queue.depends_on?.id,
    access: queue.access.id,
  }),
  SELFTEST: (mock: SelftestDevice) => ({ of_device: mock.device.id }),
};

function describePaging(hwpt: HwptPaging): StateObject {
  return {
    ioas: hwpt.ioas.id,
    flags: hwpt.flags,
    auto: hwpt.auto,
    aperture: rangeText({ first: hwpt.aperture_first, last: hwpt.aperture_last }),
    page_sizes: hexText(hwpt.page_sizes),
    enforce_cache_coherency: hwpt.enforce_cache_coherency,
    fault: hwpt.fault?.id,
    dirty_tracking: hwpt.dirty?.enabled,
    dirty: hwpt.dirty === undefined ? undefined : dirtyText(hwpt.dirty),
    token: hwpt.mark_token === undefined ? undefined : hexText(hwpt.mark_token),
    preserved: onlyIf(hwpt.preserved),
  };
}

/** A restored domain's handle: it has no IOAS that anybody could name. */
function describeRestored(hwpt: RestoredHwpt, naming: Naming): StateObject {
  return { origin: "restored", domain: naming.name(DOMAINS, hwpt.domain) };
}

/** Entries the hardware marked, in order of their IOVAs. */
function dirtyText(dirty: NonNullable<HwptPaging["dirty"]>): string[] {
  const marks = [...dirty.marks()].sort((a, b) => (a.first < b.first ? -1 : 1));
  return marks.map(rangeText);
}

function requestText({ request, handle }: FaultGroup): string {
  const pasid = request.pasid === undefined ? "" : ` pasid ${request.pasid}`;
  const place = `device ${handle.device.id}${pasid} at ${hexText(request.addr)}`;
  return `${place} group ${request.grpid} perm ${request.perm}`;
}

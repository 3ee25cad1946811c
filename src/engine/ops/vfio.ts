/** The operations of VFIO device and group descriptors, by name. One file per operation. */

import type { IoctlOp } from "./define.js";
import { vfioDeviceAttachIommufdPt } from "./vfio-device-attach-iommufd-pt.js";
import { vfioDeviceBindIommufd } from "./vfio-device-bind-iommufd.js";
import { vfioDeviceDetachIommufdPt } from "./vfio-device-detach-iommufd-pt.js";
import { vfioDeviceFeature } from "./vfio-device-feature.js";
import { vfioDeviceGetInfo } from "./vfio-device-get-info.js";
import { vfioDeviceGetIrqInfo } from "./vfio-device-get-irq-info.js";
import { vfioDeviceGetRegionInfo } from "./vfio-device-get-region-info.js";
import { vfioDeviceReset } from "./vfio-device-reset.js";
import { vfioDeviceSetIrqs } from "./vfio-device-set-irqs.js";
import { vfioGroupGetDeviceFd } from "./vfio-group-get-device-fd.js";
import { vfioGroupGetStatus } from "./vfio-group-get-status.js";
import { vfioGroupSetContainer } from "./vfio-group-set-container.js";
import { vfioGroupUnsetContainer } from "./vfio-group-unset-container.js";

function byName(ops: readonly IoctlOp[]): ReadonlyMap<string, IoctlOp> {
  return new Map(ops.map((op) => [op.layout.name, op]));
}

/** Operations that only a device opened through its cdev has. */
export const VFIO_CDEV_OPS = byName([
  vfioDeviceBindIommufd,
  vfioDeviceAttachIommufdPt,
  vfioDeviceDetachIommufdPt,
]);

export const VFIO_DEVICE_OPS = byName([
  vfioDeviceGetInfo,
  vfioDeviceGetRegionInfo,
  vfioDeviceGetIrqInfo,
  vfioDeviceSetIrqs,
  vfioDeviceReset,
  vfioDeviceFeature,
]);

export const VFIO_GROUP_OPS = byName([
  vfioGroupGetStatus,
  vfioGroupSetContainer,
  vfioGroupUnsetContainer,
  vfioGroupGetDeviceFd,
]);

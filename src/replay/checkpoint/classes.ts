/**
 * The classes whose instances are the state of a machine. A test finds the ones that are missing:
 * whatever class the engine gets comes here, or among those that live only during a call.
 */

import { PlainRoute } from "../../engine/dma/plain-route.js";
import { FailNthFile } from "../../engine/file/fail-nth-file.js";
import { FdTable } from "../../engine/file/fd-table.js";
import { OtherFile } from "../../engine/file/file-object.js";
import { OpenFile } from "../../engine/file/open-file.js";
import { SocketFile } from "../../engine/file/socket-file.js";
import { Access } from "../../engine/iommufd/access.js";
import { AccessPin } from "../../engine/iommufd/access-pins.js";
import { Area } from "../../engine/iommufd/areas.js";
import { Inner, Leaf } from "../../engine/iommufd/areas-node.js";
import { RangeTree } from "../../engine/iommufd/areas-tree.js";
import { LockedPages } from "../../engine/iommufd/backing-account.js";
import { DmabufBacking } from "../../engine/iommufd/backing-dmabuf.js";
import { FileBacking } from "../../engine/iommufd/backing-file.js";
import { UserBacking } from "../../engine/iommufd/backing-user.js";
import { IommufdContext } from "../../engine/iommufd/context.js";
import { Device } from "../../engine/iommufd/device.js";
import { DirtyPages } from "../../engine/iommufd/dirty-pages.js";
import { FaultQueueFile, VeventqFile } from "../../engine/iommufd/eventq-file.js";
import { Fault } from "../../engine/iommufd/fault.js";
import { HardwareDevice } from "../../engine/iommufd/hardware-device.js";
import { HwQueue } from "../../engine/iommufd/hw-queue.js";
import { HwptNested, HwptPaging } from "../../engine/iommufd/hwpt.js";
import { Ioas } from "../../engine/iommufd/ioas.js";
import { IommuGroup } from "../../engine/iommufd/iommu-group.js";
import { VtdNested } from "../../engine/iommufd/iommu-unit-presets.js";
import { MmapRegion, MmapRegionFile } from "../../engine/iommufd/mmap-region.js";
import { PinMap, PinRegistry } from "../../engine/iommufd/pins.js";
import { AllowedRanges, ReservedRanges } from "../../engine/iommufd/reserved.js";
import { AreaSource, UnsettledAreas } from "../../engine/iommufd/unsettled-areas.js";
import { Vdevice } from "../../engine/iommufd/vdevice.js";
import { Veventq } from "../../engine/iommufd/veventq.js";
import { Viommu } from "../../engine/iommufd/viommu.js";
import { GuestMemfd } from "../../engine/kvm/guest-memfd.js";
import { KvmVm } from "../../engine/kvm/kvm-vm.js";
import { Lineage, Lineages } from "../../engine/lineage.js";
import { LuoDevice } from "../../engine/liveupdate/device.js";
import { DomainTable } from "../../engine/liveupdate/domain-table.js";
import { LiveUpdate } from "../../engine/liveupdate/live-update.js";
import { LuoFile } from "../../engine/liveupdate/luo-file.js";
import { PreservedDomain } from "../../engine/liveupdate/preserved-domain.js";
import { RestoredDomain } from "../../engine/liveupdate/restored-domain.js";
import { RestoredHwpt } from "../../engine/liveupdate/restored-hwpt.js";
import { LuoSession } from "../../engine/liveupdate/session.js";
import { Machine } from "../../engine/machine.js";
import { AddressSpace, VmaMap } from "../../engine/memory/address-space.js";
import { FilePages } from "../../engine/memory/file-pages.js";
import { Memfd } from "../../engine/memory/memfd.js";
import { NumberRanges } from "../../engine/memory/number-ranges.js";
import { PageBits } from "../../engine/memory/page-bits.js";
import { PageSet } from "../../engine/memory/page-set.js";
import { RangeMap } from "../../engine/memory/range-map.js";
import { SparseBytes } from "../../engine/memory/sparse-bytes.js";
import { Process } from "../../engine/process/process.js";
import { SelftestAccessFile } from "../../engine/selftest/access-file.js";
import { SelftestDmabuf } from "../../engine/selftest/dmabuf.js";
import { MockDevice } from "../../engine/selftest/mock-device.js";
import { MockNested } from "../../engine/selftest/mock-nesting.js";
import { SelftestDevice } from "../../engine/selftest/selftest-device.js";
import { DeviceAttachments } from "../../engine/vfio/device-attachments.js";
import { VfioDeviceFile } from "../../engine/vfio/device-file.js";
import { DeviceInventory } from "../../engine/vfio/device-inventory.js";
import { VfioDmabuf } from "../../engine/vfio/dmabuf.js";
import { PciDevice } from "../../engine/vfio/pci-device.js";
import { PlatformUnit } from "../../engine/vfio/platform-unit.js";
import { VfioGroup, VfioGroupFile } from "../../engine/vfio/vfio-group.js";
import type { StoredClass } from "./graph-format.js";

const CLASSES: readonly StoredClass[] = [
  Access,
  AccessPin,
  AddressSpace,
  AllowedRanges,
  Area,
  AreaSource,
  Device,
  DeviceAttachments,
  DeviceInventory,
  DirtyPages,
  DmabufBacking,
  DomainTable,
  FailNthFile,
  Fault,
  FaultQueueFile,
  FdTable,
  FileBacking,
  FilePages,
  GuestMemfd,
  HardwareDevice,
  HwQueue,
  HwptNested,
  HwptPaging,
  Inner,
  Ioas,
  IommuGroup,
  IommufdContext,
  KvmVm,
  Leaf,
  Lineage,
  Lineages,
  LiveUpdate,
  LockedPages,
  LuoDevice,
  LuoFile,
  LuoSession,
  Machine,
  Memfd,
  MmapRegion,
  MmapRegionFile,
  MockDevice,
  MockNested,
  NumberRanges,
  OpenFile,
  OtherFile,
  PageBits,
  PageSet,
  PciDevice,
  PinMap,
  PinRegistry,
  PlainRoute,
  PlatformUnit,
  PreservedDomain,
  Process,
  RangeMap,
  RangeTree,
  ReservedRanges,
  RestoredDomain,
  RestoredHwpt,
  SelftestAccessFile,
  SelftestDevice,
  SelftestDmabuf,
  SocketFile,
  SparseBytes,
  UnsettledAreas,
  UserBacking,
  Vdevice,
  Veventq,
  VeventqFile,
  VfioDeviceFile,
  VfioDmabuf,
  VfioGroup,
  VfioGroupFile,
  Viommu,
  VmaMap,
  VtdNested,
];

/** By name. */
export const STORED_CLASSES: ReadonlyMap<string, StoredClass> = new Map(
  CLASSES.map((stored) => [stored.name, stored]),
);

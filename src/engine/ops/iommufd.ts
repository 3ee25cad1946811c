/** The operations of an iommufd descriptor, by name. One file per operation. */

import type { IoctlOp } from "./define.js";
import { destroy } from "./destroy.js";
import { faultQueueAlloc } from "./fault-queue-alloc.js";
import { getHwInfo } from "./get-hw-info.js";
import { hwQueueAlloc } from "./hw-queue-alloc.js";
import { hwptAlloc } from "./hwpt-alloc.js";
import { hwptGetDirtyBitmap } from "./hwpt-get-dirty-bitmap.js";
import { hwptInvalidate } from "./hwpt-invalidate.js";
import { hwptSetDirtyTracking } from "./hwpt-set-dirty-tracking.js";
import { ioasAlloc } from "./ioas-alloc.js";
import { ioasAllowIovas } from "./ioas-allow-iovas.js";
import { ioasChangeProcess } from "./ioas-change-process.js";
import { ioasCopy } from "./ioas-copy.js";
import { ioasIovaRanges } from "./ioas-iova-ranges.js";
import { ioasMap } from "./ioas-map.js";
import { ioasMapFile } from "./ioas-map-file.js";
import { ioasNoiommuGetPa } from "./ioas-noiommu-get-pa.js";
import { ioasUnmap } from "./ioas-unmap.js";
import { iommuHwptLiveupdateMarkPreserve } from "./iommu-hwpt-liveupdate-mark-preserve.js";
import { iommuHwptLuRestore } from "./iommu-hwpt-lu-restore.js";
import { iommuHwptLuSetPreserve } from "./iommu-hwpt-lu-set-preserve.js";
import { iommuHwptLuSetPreserved } from "./iommu-hwpt-lu-set-preserved.js";
import { option } from "./option.js";
import { testAccessPages } from "./test-access-pages.js";
import { testAccessReplaceIoas } from "./test-access-replace-ioas.js";
import { testAccessRw } from "./test-access-rw.js";
import { testAddReserved } from "./test-add-reserved.js";
import { testCreateAccess } from "./test-create-access.js";
import { testDestroyAccessPages } from "./test-destroy-access-pages.js";
import { testDevCheckCache } from "./test-dev-check-cache.js";
import { testDirty } from "./test-dirty.js";
import { testDmabufGet } from "./test-dmabuf-get.js";
import { testDmabufRevoke } from "./test-dmabuf-revoke.js";
import { testMdCheckIotlb } from "./test-md-check-iotlb.js";
import { testMdCheckMap } from "./test-md-check-map.js";
import { testMdCheckRefs } from "./test-md-check-refs.js";
import { testMockDomain } from "./test-mock-domain.js";
import { testMockDomainFlags } from "./test-mock-domain-flags.js";
import { testMockDomainReplace } from "./test-mock-domain-replace.js";
import { testPasidAttach } from "./test-pasid-attach.js";
import { testPasidCheckHwpt } from "./test-pasid-check-hwpt.js";
import { testPasidDetach } from "./test-pasid-detach.js";
import { testPasidReplace } from "./test-pasid-replace.js";
import { testSetTempMemoryLimit } from "./test-set-temp-memory-limit.js";
import { testTriggerIopf } from "./test-trigger-iopf.js";
import { testTriggerVevent } from "./test-trigger-vevent.js";
import { vdeviceAlloc } from "./vdevice-alloc.js";
import { veventqAlloc } from "./veventq-alloc.js";
import { vfioCheckExtension } from "./vfio-check-extension.js";
import { vfioGetApiVersion } from "./vfio-get-api-version.js";
import { vfioIoas } from "./vfio-ioas.js";
import { vfioIommuGetInfo } from "./vfio-iommu-get-info.js";
import { vfioIommuMapDma } from "./vfio-iommu-map-dma.js";
import { vfioIommuUnmapDma } from "./vfio-iommu-unmap-dma.js";
import { vfioSetIommu } from "./vfio-set-iommu.js";
import { viommuAlloc } from "./viommu-alloc.js";

const OPS: readonly IoctlOp[] = [
  destroy,
  faultQueueAlloc,
  getHwInfo,
  hwQueueAlloc,
  hwptAlloc,
  hwptGetDirtyBitmap,
  hwptInvalidate,
  hwptSetDirtyTracking,
  ioasAlloc,
  ioasAllowIovas,
  ioasChangeProcess,
  ioasCopy,
  ioasIovaRanges,
  ioasMap,
  ioasMapFile,
  ioasNoiommuGetPa,
  ioasUnmap,
  iommuHwptLiveupdateMarkPreserve,
  iommuHwptLuRestore,
  iommuHwptLuSetPreserve,
  iommuHwptLuSetPreserved,
  option,
  testAccessPages,
  testAccessReplaceIoas,
  testAccessRw,
  testAddReserved,
  testCreateAccess,
  testDestroyAccessPages,
  testDevCheckCache,
  testDirty,
  testDmabufGet,
  testDmabufRevoke,
  testMdCheckIotlb,
  testMdCheckMap,
  testMdCheckRefs,
  testMockDomain,
  testMockDomainFlags,
  testMockDomainReplace,
  testPasidAttach,
  testPasidCheckHwpt,
  testPasidDetach,
  testPasidReplace,
  testSetTempMemoryLimit,
  testTriggerIopf,
  testTriggerVevent,
  vdeviceAlloc,
  veventqAlloc,
  vfioCheckExtension,
  vfioGetApiVersion,
  vfioIoas,
  vfioIommuGetInfo,
  vfioIommuMapDma,
  vfioIommuUnmapDma,
  vfioSetIommu,
  viommuAlloc,
];

export const IOMMUFD_OPS: ReadonlyMap<string, IoctlOp> = new Map(
  OPS.map((op) => [op.layout.name, op]),
);

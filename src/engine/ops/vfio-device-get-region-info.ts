import { VFIO_DEVICE_GET_REGION_INFO } from "../abi/vfio.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { argszOf, checkArgument, isWritable } from "../vfio/argument.js";
import { deviceOf } from "../vfio/device-file.js";
import {
  CONFIG_REGION,
  LAST_BAR,
  type PciDevice,
  REGION_CAPS,
  type RegionFacts,
} from "../vfio/pci-device.js";
import { defineOp } from "./define.js";

const REGION_SHIFT = 40n;
const MSIX_CAP_BYTES = 8;
/** struct vfio_info_cap_header of VFIO_REGION_INFO_CAP_MSIX_MAPPABLE: id 3, version 1, no next. */
const MSIX_CAP = Uint8Array.of(3, 0, 1, 0, 0, 0, 0, 0);

type RegionInfoCall = IoctlCall<typeof VFIO_DEVICE_GET_REGION_INFO>;

/** VFIO_DEVICE_GET_REGION_INFO: size and abilities of a BAR, the ROM or the config space. */
export const vfioDeviceGetRegionInfo = defineOp({
  layout: VFIO_DEVICE_GET_REGION_INFO,
  source: "vfio_pci_ioctl_get_region_info, drivers/vfio/pci/vfio_pci_core.c (v7.3.4)",
  support: { level: "partial", missing: "no capabilities but the one of the MSI-X BAR; no VGA" },
  adopts: {
    flags: "of memory BARs and the ROM, until the first answer; they tell whether argsz grows",
    size: "a property of the device; the first answer predicts the later ones",
  },
  execute(call) {
    if (!checkArgument(call)) return;
    const { index } = call.args;
    if (index > CONFIG_REGION) {
      call.reject("EINVAL", `region ${index} does not exist`);
      return;
    }
    if (!isWritable(call, 0, call.layout.length_bytes)) {
      call.reject("EFAULT", "the answer cannot be written");
      return;
    }
    if (!call.accept()) return;
    const region = regionOf(call, deviceOf(call));
    call.write({
      flags: region.flags,
      size: region.length_bytes,
      offset: BigInt(index) << REGION_SHIFT,
    });
    if ((region.flags & REGION_CAPS) !== 0) writeCapability(call);
  },
});

/** What is known of the region: a BAR's size may have been stated, the rest is learnt. */
function regionOf(call: RegionInfoCall, device: PciDevice): RegionFacts {
  const { index } = call.args;
  const known = device.regions.get(index);
  if (known !== undefined) return known;
  const stated = index <= LAST_BAR ? device.findBarSize(index) : undefined;
  const region =
    stated === 0n
      ? ABSENT_REGION
      : {
          flags: flagsOf(device, index) ?? call.adoptField("flags", 0),
          length_bytes: stated ?? call.adoptField("size", 0n),
        };
  device.regions.set(index, region);
  return region;
}

/** I/O BARs and the config space can be read and written; a memory BAR may hold the MSI-X table. */
function flagsOf(device: PciDevice, index: number): number | undefined {
  const isIo = device.bars?.some((bar) => bar.index === index && bar.kind === "io") === true;
  return isIo || index === CONFIG_REGION ? REGION_READ | REGION_WRITE : undefined;
}

const REGION_READ = 1;
const REGION_WRITE = 2;

export const ABSENT_REGION: RegionFacts = { flags: 0, length_bytes: 0n };

/** The capability goes behind the struct where the caller left room; else argsz says how much. */
function writeCapability(call: RegionInfoCall): void {
  const needed = call.layout.length_bytes + MSIX_CAP_BYTES;
  if (argszOf(call) < needed) {
    call.write({ argsz: needed, cap_offset: 0 });
    return;
  }
  call.write({ cap_offset: call.layout.length_bytes });
  const tail = Uint8Array.from(call.event.tail ?? []);
  tail.set(MSIX_CAP.subarray(0, tail.length));
  call.out_tail = tail;
}

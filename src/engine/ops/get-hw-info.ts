import { IOMMU_GET_HW_INFO } from "../abi/iommufd-hwpt.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Device } from "../iommufd/device.js";
import type { HardwareDevice } from "../iommufd/hardware-device.js";
import type { HwInfo } from "../iommufd/iommu-unit.js";
import { contextOf } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

const FLAG_INPUT_TYPE = 1;
const HW_INFO_TYPE_NONE = 0;
const CAPABILITY_DIRTY_TRACKING = 1n;
const CAPABILITY_ATS_NOT_SUPPORTED = 8n;

type HwInfoCall = IoctlCall<typeof IOMMU_GET_HW_INFO>;

/** A driver that has nothing to tell answers this whatever type was asked for. */
const NO_INFO: HwInfo = { type: HW_INFO_TYPE_NONE, length_bytes: 0, data: new Uint8Array(0) };

/** IOMMU_GET_HW_INFO: registers of the IOMMU in front of a device, and what the pair can do. */
export const getHwInfo = defineOp({
  layout: IOMMU_GET_HW_INFO,
  source: "iommufd_get_hw_info, drivers/iommu/iommufd/device.c (v7.3.4)",
  support: { level: "partial", missing: "devices without an IOMMU" },
  adopts: {
    data_uptr: "registers of real hardware, until the first answer shows them",
    data_len: "a property of an IOMMU the trace says nothing about, until the first answer",
    in_data_type: "a property of an IOMMU the trace says nothing about, until the first answer",
  },
  execute(call) {
    const { args } = call;
    if ((args.flags & ~FLAG_INPUT_TYPE) !== 0) return call.reject("EOPNOTSUPP", "unknown flags");
    if (args.__reserved !== "\0\0\0") return call.reject("EOPNOTSUPP", "__reserved must be 0");
    const device = contextOf(call).findTyped<Device>(args.dev_id, "DEVICE");
    if (device === undefined) return call.reject("ENOENT", `no device has id ${args.dev_id}`);
    const { hardware } = device;
    const wanted = (args.flags & FLAG_INPUT_TYPE) === 0 ? HW_INFO_TYPE_NONE : args.in_data_type;
    const info = hardware.unit.hw_info ?? NO_INFO;
    if (info !== NO_INFO && wanted !== HW_INFO_TYPE_NONE && wanted !== info.type) {
      return call.reject("EOPNOTSUPP", `the IOMMU has no information of type ${wanted}`);
    }
    fillBuffer(call, info);
    if (!call.process.mm.isWritable(args.data_uptr, BigInt(args.data_len))) {
      return call.reject("EFAULT", "the buffer cannot be written");
    }
    const fields = {
      data_len: info.length_bytes,
      in_data_type: info.type,
      out_max_pasid_log2: log2(hardware.max_pasids),
      out_capabilities: capabilitiesOf(hardware),
    };
    if (!call.respond(fields)) return;
    if (hardware.unit.assumed === true) {
      call.adoptField("data_len", info.length_bytes);
      call.adoptField("in_data_type", info.type);
    }
    learn(call, hardware);
  },
});

/** As much of the data as fits; the rest of the buffer becomes zero. */
function fillBuffer(call: HwInfoCall, info: HwInfo): void {
  const before = call.memIn;
  if (before === null) return;
  const after = new Uint8Array(before.length);
  const { data } = info;
  if (data === undefined) call.noteAdopted("data_uptr");
  else after.set(data.subarray(0, after.length));
  call.mem_out = after;
}

/** What the hardware answered is what it will answer from now on. */
function learn(call: HwInfoCall, hardware: HardwareDevice): void {
  const type = call.observedField("in_data_type");
  const length_bytes = call.observedField("data_len");
  if (typeof type !== "number" || typeof length_bytes !== "number") return;
  const out = call.event.mem?.out ?? undefined;
  const data = out !== undefined && out.length >= length_bytes ? out : undefined;
  hardware.unit.learnHwInfo?.({ type, length_bytes, data: data?.slice(0, length_bytes) });
}

function log2(count: number): number {
  return count === 0 ? 0 : 31 - Math.clz32(count);
}

function capabilitiesOf({ capabilities }: HardwareDevice): bigint {
  const dirty = capabilities.dirty_tracking ? CAPABILITY_DIRTY_TRACKING : 0n;
  return dirty | (capabilities.ats ? 0n : CAPABILITY_ATS_NOT_SUPPORTED);
}

import { IOMMU_OPTION } from "../abi/iommufd-ioas.js";
import type { StructValues } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { contextOf, fails, ioasOrReject } from "../iommufd/operation.js";
import { defineOp } from "./define.js";

const RLIMIT_MODE = 0;
const HUGE_PAGES = 1;
const OP_SET = 0;
const OP_GET = 1;

type OptionCall = IoctlCall<typeof IOMMU_OPTION>;

/** IOMMU_OPTION: how pinned memory is charged, and whether an IOAS uses large pages. */
export const option = defineOp({
  layout: IOMMU_OPTION,
  source: "iommufd_option, drivers/iommu/iommufd/main.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { option_id, __reserved } = call.args;
    if (__reserved !== 0) return call.reject("EOPNOTSUPP", "__reserved must be 0");
    if (option_id === RLIMIT_MODE) rlimitMode(call);
    else if (option_id === HUGE_PAGES) hugePages(call);
    else call.reject("EOPNOTSUPP", "no such option");
  },
});

/** @source iommufd_option_rlimit_mode, drivers/iommu/iommufd/ioas.c (v7.3.4) */
function rlimitMode(call: OptionCall) {
  const { op, object_id, val64 } = call.args;
  const context = contextOf(call);
  if (object_id !== 0) return call.reject("EOPNOTSUPP", "the option belongs to no object");
  if (op === OP_GET) return answer(call, context.accountMode === "mm" ? 1n : 0n);
  if (op !== OP_SET) return call.reject("EOPNOTSUPP", "neither GET nor SET");
  if (!call.process.hasCapability("CAP_SYS_RESOURCE")) {
    return call.reject("EPERM", "it takes CAP_SYS_RESOURCE");
  }
  if (!context.isEmpty) return call.reject("EBUSY", "the context has objects");
  if (val64 > 1n) return call.reject("EINVAL", "neither 0 nor 1");
  answer(call, val64, () => {
    context.accountMode = val64 === 1n ? "mm" : "user";
  });
}

/** @source iommufd_option_huge_pages, drivers/iommu/iommufd/ioas.c (v7.3.4) */
function hugePages(call: OptionCall) {
  const { op, object_id, val64 } = call.args;
  const ioas = ioasOrReject(call, object_id);
  if (ioas === undefined) return;
  if (op === OP_GET) return answer(call, ioas.largePagesDisabled ? 0n : 1n);
  if (op !== OP_SET) return call.reject("EOPNOTSUPP", "neither GET nor SET");
  if (val64 > 1n) return call.reject("EINVAL", "neither 0 nor 1");
  const errno = val64 === 0n ? ioas.checkDisableLargePages() : undefined;
  if (errno !== undefined) return call.reject(errno, "areas stand in the way");
  answer(call, val64, () => ioas.setLargePagesDisabled(val64 === 0n));
}

const VALUE_OFFSET = BigInt(IOMMU_OPTION.fields.val64.offset);
const VALUE_BYTES = BigInt(IOMMU_OPTION.fields.val64.length_bytes);

/** Only the value is written back; the option stays set even when that fails. */
function answer(call: OptionCall, val64: bigint, apply: () => void = () => {}) {
  const { arg } = call.event;
  const address = arg === undefined ? undefined : arg + VALUE_OFFSET;
  if (address !== undefined && !call.process.mm.isWritable(address, VALUE_BYTES)) {
    if (fails(call, "EFAULT", "the value cannot be written back")) apply();
    return;
  }
  if (!call.accept()) return;
  apply();
  const values: StructValues = { val64 };
  call.write(values);
}

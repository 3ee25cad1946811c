import { IOMMU_TEST_OP_ACCESS_RW } from "../abi/selftest.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { spansOf } from "../iommufd/access-pins.js";
import { checkRw, storeWritten } from "../iommufd/access-rw.js";
import { nthAreaIova, SYZ_FLAG } from "../iommufd/areas-nth.js";
import type { Ioas } from "../iommufd/ioas.js";
import { accessFileOrReject } from "../selftest/access-file.js";
import { defineOp } from "./define.js";

const WRITE = 1;
const SLOW_PATH = 4;
const MOST_BYTES = 16n << 20n;

/** IOMMU_TEST_OP_ACCESS_RW: copies bytes between the caller and what an IOAS maps. */
export const testAccessRw = defineOp({
  layout: IOMMU_TEST_OP_ACCESS_RW,
  source: "iommufd_test_access_rw, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: { uptr: "what memory holds follows stores of the CPU, which no call shows" },
  execute(call) {
    const { process, args } = call;
    const write = (args.flags & WRITE) !== 0;
    if (args.length > MOST_BYTES) return call.reject("ENOMEM", "more than 16 MiB");
    if ((args.flags & ~(WRITE | SLOW_PATH | SYZ_FLAG)) !== 0) {
      return call.reject("EOPNOTSUPP", "unknown flags");
    }
    const file = accessFileOrReject(call, args.id);
    if (file === undefined) return;
    if (write && !process.mm.isReadable(args.uptr, args.length)) {
      return call.reject("EFAULT", "the data cannot be read");
    }
    const { ioas } = file.access;
    const iova = (args.flags & SYZ_FLAG) !== 0 ? nthAreaIova(ioas, args.iova) : args.iova;
    const wish = { iova, length: args.length, write, slow: (args.flags & SLOW_PATH) !== 0 };
    const errno = checkRw(ioas, wish, process);
    if (errno !== undefined) return call.reject(errno, "the bytes cannot be copied");
    if (!write && !process.mm.isWritable(args.uptr, args.length)) {
      return call.reject("EFAULT", "the data cannot be written back");
    }
    if (!call.accept()) return;
    if (!write) call.noteAdopted("uptr");
    else if (ioas !== undefined) storeBytes(ioas, iova, call);
  },
});

function storeBytes(ioas: Ioas, iova: bigint, call: IoctlCall<typeof IOMMU_TEST_OP_ACCESS_RW>) {
  const found = spansOf(ioas, iova, call.args.length);
  if (typeof found !== "string") storeWritten(found.spans, call.memIn ?? new Uint8Array(0));
}

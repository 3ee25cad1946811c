import { IOMMU_TEST_OP_CREATE_ACCESS } from "../abi/selftest.js";
import { O_CLOEXEC, O_RDWR } from "../call/call.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Ioas } from "../iommufd/ioas.js";
import { contextOf, ioasOrReject } from "../iommufd/operation.js";
import { SelftestAccessFile } from "../selftest/access-file.js";
import { defineOp } from "./define.js";

const NEEDS_PIN_PAGES = 1;

/** IOMMU_TEST_OP_CREATE_ACCESS: an access attached to an IOAS, as a new descriptor. */
export const testCreateAccess = defineOp({
  layout: IOMMU_TEST_OP_CREATE_ACCESS,
  source: "iommufd_test_create_access, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: { out_access_fd: "descriptors the C library opened are not recorded" },
  execute(call) {
    const { machine, process, args } = call;
    if ((args.flags & ~NEEDS_PIN_PAGES) !== 0) return call.reject("EOPNOTSUPP", "unknown flags");
    if (BigInt(process.fds.lowestFree()) >= process.rlimit_nofile) {
      return call.reject("ENOMEM", "no descriptor is free");
    }
    const ioas = ioasOrReject(call, args.id);
    if (ioas === undefined) return;
    const alignment = args.flags === NEEDS_PIN_PAGES ? machine.page_size : 1n;
    if (!ioas.canAlignTo(alignment)) return call.reject("EADDRINUSE", "areas are not page aligned");
    if (call.respond({})) createAccess(call, ioas);
  },
  follow(call) {
    // The kernel made the descriptor all the same: later calls will name it.
    const ioas = contextOf(call).findTyped<Ioas>(call.args.id, "IOAS");
    if (ioas !== undefined) createAccess(call, ioas);
  },
});

function createAccess(call: IoctlCall<typeof IOMMU_TEST_OP_CREATE_ACCESS>, ioas: Ioas): void {
  const { machine, process, args } = call;
  const context = contextOf(call);
  const pins = args.flags === NEEDS_PIN_PAGES;
  const file = new SelftestAccessFile(context, machine.newSerial(), call.file, pins);
  context.add(file.access, context.nextId());
  file.access.attach(ioas);
  const fd = call.adoptField("out_access_fd", process.fds.lowestFree());
  call.installFd(fd, file, O_RDWR | O_CLOEXEC);
}

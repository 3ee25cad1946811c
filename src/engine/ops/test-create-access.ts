import { IOMMU_TEST_OP_CREATE_ACCESS } from "../abi/selftest.js";
import { O_CLOEXEC, O_RDWR } from "../call/call.js";
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
    const own = process.fds.lowestFree();
    if (BigInt(own) >= process.rlimit_nofile) {
      return call.reject("ENOMEM", "no descriptor is free");
    }
    const context = contextOf(call);
    const id = context.nextId();
    const ioas = ioasOrReject(call, args.id);
    if (ioas === undefined) return;
    const pins = args.flags === NEEDS_PIN_PAGES;
    const alignment = pins ? machine.page_size : 1n;
    if (!ioas.canAlignTo(alignment)) return call.reject("EADDRINUSE", "areas are not page aligned");
    if (!call.respond({})) return;
    const file = new SelftestAccessFile(context, machine.newSerial(), call.file, pins);
    context.add(file.access, id);
    file.access.attach(ioas);
    call.installFd(call.adoptField("out_access_fd", own), file, O_RDWR | O_CLOEXEC);
  },
});

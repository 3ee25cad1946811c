import { IOMMU_TEST_OP_ACCESS_PAGES } from "../abi/selftest.js";
import type { Errno } from "../errno.js";
import { type AccessPin, planPin } from "../iommufd/access-pins.js";
import { nthAreaIova, SYZ_FLAG } from "../iommufd/areas-nth.js";
import type { AddressSpace } from "../memory/address-space.js";
import { accessFileOrReject } from "../selftest/access-file.js";
import { isSameByte, reachable } from "../selftest/same-memory.js";
import { defineOp } from "./define.js";

const WRITE = 1;
const MOST_BYTES = 16n << 20n;

/** IOMMU_TEST_OP_ACCESS_PAGES: pins pages, and says whether they are those behind an address. */
export const testAccessPages = defineOp({
  layout: IOMMU_TEST_OP_ACCESS_PAGES,
  source: "iommufd_test_access_pages, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { process, args } = call;
    if (args.length > MOST_BYTES) return call.reject("ENOMEM", "more than 16 MiB");
    if ((args.flags & ~(WRITE | SYZ_FLAG)) !== 0) return call.reject("EOPNOTSUPP", "unknown flags");
    const file = accessFileOrReject(call, args.id);
    if (file === undefined) return;
    const { access } = file;
    if (!access.needs_pin_pages) return call.reject("EOPNOTSUPP", "the access does not pin");
    const syz = (args.flags & SYZ_FLAG) !== 0;
    const iova = syz ? nthAreaIova(access.ioas, args.iova) : args.iova;
    const wish = { iova, length: args.length, write: (args.flags & WRITE) !== 0 };
    const pin = planPin(access.ioas, wish, process);
    if (typeof pin === "string") return call.reject(pin, "the pages cannot be pinned");
    if (args.uptr !== 0n) {
      const errno = comparePages(pin, process.mm, args.uptr);
      if (errno !== undefined) return call.reject(errno, "the pages are not those of the address");
    }
    if (call.respond({ out_access_pages_id: file.nextItem })) file.hold(pin);
  },
});

/** EFAULT where the caller has no page, EBADE where it has another one. */
function comparePages(pin: AccessPin, mm: AddressSpace, uptr: bigint): Errno | undefined {
  const page = pin.ioas.page_size;
  const into = pin.first % page;
  const pages = (into + (pin.last - pin.first + 1n) + page - 1n) / page;
  const pinned = pinnedPages(pin);
  let address = BigInt.asUintN(64, uptr - into);
  address -= address % page;
  for (let index = 0n; index < pages; index++, address += page) {
    const here = reachable(mm, address);
    if (here === undefined) return "EFAULT";
    const there = pinned.next();
    if (there.done === true || !isSameByte(here, there.value)) return "EBADE";
  }
  return undefined;
}

function* pinnedPages(pin: AccessPin) {
  const page = pin.ioas.page_size;
  for (const { area, first, last } of pin.spans) {
    const { backing } = area;
    for (const { object, offset, count } of backing.identify(
      area.pageOf(first),
      area.pageOf(last),
    )) {
      for (let index = 0n; index < count; index++) yield { object, offset: offset + index * page };
    }
  }
}

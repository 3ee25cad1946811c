import { IOMMU_IOAS_MAP_FILE } from "../abi/iommufd-ioas.js";
import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import { DmabufFile } from "../file/dmabuf-file.js";
import type { OpenFile } from "../file/open-file.js";
import type { AreaPiece, AreaRights } from "../iommufd/areas.js";
import { checkMapFlags, isFixed, placeAndAdd, rightsOf } from "../iommufd/areas-map.js";
import { ownerOf } from "../iommufd/backing.js";
import { accountingFor } from "../iommufd/backing-account.js";
import { DmabufBacking } from "../iommufd/backing-dmabuf.js";
import { FileBacking } from "../iommufd/backing-file.js";
import { contextOf, ioasOrReject } from "../iommufd/operation.js";
import { Memfd } from "../memory/memfd.js";
import { U64_MAX } from "../u64.js";
import { defineOp } from "./define.js";

/**
 * IOMMU_IOAS_MAP_FILE: a part of a file becomes visible at an IOVA. Any file is taken and held;
 * whether its pages can be pinned shows when a domain needs them.
 */
export const ioasMapFile = defineOp({
  layout: IOMMU_IOAS_MAP_FILE,
  source: "iommufd_ioas_map_file, drivers/iommu/iommufd/ioas.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { flags, ioas_id, fd, start, length, iova } = call.args;
    if (!checkMapFlags(call, flags, [iova, length])) return;
    const ioas = ioasOrReject(call, ioas_id);
    if (ioas === undefined) return;
    if (length === 0n) return call.reject("EINVAL", "length is 0");
    if (start + length - 1n > U64_MAX) {
      return call.reject("EOVERFLOW", "the range ends behind the offset space");
    }
    const file = call.process.fds.getUsable(fd);
    if (file === undefined) return call.reject("EBADF", `descriptor ${fd} is not open`);
    if (!checkFile(call, file, start, length)) return;
    const piece = filePiece(call, file, start, length, rightsOf(flags));
    const fixed_iova = isFixed(flags) ? iova : undefined;
    const wanted = { pieces: [piece], length, fixed_iova, address: start };
    placeAndAdd(call, ioas, wanted, "iova");
  },
});

const MAX_DMABUF_PAGES = 0xffff_ffffn;

/** What only this file asks for; false when it rejected the call. */
function checkFile<L extends StructLayout>(
  call: IoctlCall<L>,
  file: OpenFile,
  start: bigint,
  length: bigint,
): boolean {
  const page = call.machine.page_size;
  const { object } = file;
  const isDmabuf = object instanceof DmabufFile;
  if (isDmabuf && start + length > object.length_bytes) {
    call.reject("EINVAL", "the range ends behind the dma-buf");
  } else if (isDmabuf && length / page >= MAX_DMABUF_PAGES) {
    call.reject("EINVAL", "the range has too many pages");
  } else if (length > U64_MAX - page) call.reject("EINVAL", "the length is absurd");
  else if (isDmabuf && !object.importable) {
    call.reject("EOPNOTSUPP", "iommufd does not know this exporter");
  } else if (isDmabuf && object.revoked) call.reject("ENODEV", "the dma-buf is revoked");
  else return true;
  return false;
}

function filePiece<L extends StructLayout>(
  call: IoctlCall<L>,
  file: OpenFile,
  address: bigint,
  length: bigint,
  rights: AreaRights,
): AreaPiece {
  const { machine, process } = call;
  const page = machine.page_size;
  const start = address % page;
  const { object } = file;
  const isDmabuf = object instanceof DmabufFile;
  const rest = [
    machine,
    machine.newSerial(),
    address - start,
    (start + length + page - 1n) / page,
    rights.writable,
    isDmabuf ? "none" : accountingFor(process, contextOf(call).accountMode),
    ownerOf(process),
  ] as const;
  const seals = object instanceof Memfd ? object.seals : undefined;
  const backing = isDmabuf
    ? new DmabufBacking(file, ...rest)
    : new FileBacking(file, seals, ...rest);
  return { backing, start, length, ...rights };
}

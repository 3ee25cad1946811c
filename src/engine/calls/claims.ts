/**
 * What the model does not claim about calls that are not ioctls: outputs it takes from the trace,
 * and results it says nothing about. For ioctls, see `adopts` of each operation.
 */

import type { EventType } from "../event/index.js";

const FD_NUMBER = "descriptors that the C library opens and closes are not recorded";

/** Outputs taken from the trace although the call's success or failure is predicted. */
export const ADOPTED_OUTPUTS: Readonly<
  Partial<Record<EventType, Readonly<Record<string, string>>>>
> = {
  open: { ret: FD_NUMBER },
  memfd_create: { ret: FD_NUMBER },
  mmap: { ret: "where the kernel finds room depends on mappings that are not recorded" },
  iommu_translation: { outcome: "whether a translation was cached; that it exists is predicted" },
};

/** Calls, or cases of them, that are followed but whose result is not judged, with the reason. */
export const UNCLAIMED_RESULTS: Readonly<Record<string, string>> = {
  "open of other files": "the file system is not modelled; device nodes of the model are claimed",
  "close of a number that is not known to be open": FD_NUMBER,
  "dup, pipe, socketpair, eventfd": FD_NUMBER,
  "sendmsg, recvmsg": "sockets are followed only for the descriptors they carry",
  "fork, exec, exit, wait, kill, setrlimit, capset": "they decide about later calls, not iommufd",
  "mmap of anonymous memory and of files that are not modelled": "how much memory is left",
  "munmap, mremap, mprotect, madvise": "they depend on mappings that are not recorded",
  "calls on a descriptor that is no memfd, iommufd, VFIO or LUO file": "not modelled",
  "read and write of a memfd before the trace has shown an lseek":
    "recorders exist that miss them, so nobody knows where the file stands",
  "cpu_write, memory_content": "where a store or a byte of memory is not known",
  "dma without a recorded outcome, or of a device that was never seen": "nothing to compare with",
  "write to fail-nth": "it arms fault injection, which is not predictable",
  "unlink, reboot other than kexec, kexec_load": "their result is not about live update",
};

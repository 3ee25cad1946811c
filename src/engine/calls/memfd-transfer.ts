import type { Call } from "../call/call.js";
import type { Refused } from "../call/refused.js";
import type { EventOf } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import { F_SEAL_GROW, Memfd, NO_WRITE_SEALS } from "../memory/memfd.js";
import { isReadable, isWritable } from "../memory/memfd-fd.js";
import { OFFSET_MAX } from "../memory/offset.js";

type Transfer = EventOf<"read" | "write" | "pread" | "pwrite">;

/** A trace holds at most this much of the data of one call, in bytes. */
const RECORDED_DATA_BYTES = 4096;
/** The largest folio of the page cache, which is what a write copies at a time, in bytes. */
const CHUNK_BYTES = 2n << 20n;
/** MAX_RW_COUNT for 4 KiB pages: more is not transferred by one call, in bytes. */
const TRANSFER_MAX = 0x7fff_f000n;

/**
 * read(2) and pread(2) of a memfd: what the file holds up to its end; holes read as zeros.
 *
 * @source shmem_file_read_iter, mm/shmem.c (v7.3.4)
 */
export function readMemfd(call: Call<Transfer>, file: OpenFile): void {
  const memfd = file.object;
  if (!(memfd instanceof Memfd)) return;
  if (!memfd.isKnown) {
    call.unjudged();
    return;
  }
  if (!isPositionKnown(call, file)) call.unjudged();
  const { event } = call;
  const at = event.offset ?? file.position;
  const refused = checkTransfer(at, isReadable(file));
  if (refused !== undefined) call.reject(refused.errno, refused.why);
  const left = at < memfd.size_bytes ? memfd.size_bytes - at : 0n;
  const length = Number(left < event.count ? left : event.count);
  if (refused === undefined ? !call.accept(length) : !call.observedSuccess) return;
  if (length > 0) call.data = memfd.pages.read(at, Math.min(length, RECORDED_DATA_BYTES));
  if (event.offset === undefined) file.position += BigInt(event.ret ?? length);
}

/**
 * write(2) and pwrite(2) to a memfd. The kernel goes chunk by chunk and checks each: in a file that
 * cannot grow, the chunk that ends behind the end is refused as a whole.
 *
 * @source generic_perform_write, mm/filemap.c and shmem_write_begin, mm/shmem.c (v7.3.4)
 */
export function writeMemfd(call: Call<Transfer>, file: OpenFile): void {
  const memfd = file.object;
  if (!(memfd instanceof Memfd)) return;
  if (!memfd.isKnown) {
    call.unjudged();
    return;
  }
  if (!isPositionKnown(call, file)) call.unjudged();
  const { event, machine } = call;
  const at = event.offset ?? file.position;
  const count = event.count < TRANSFER_MAX ? event.count : TRANSFER_MAX;
  const stored = storedBytes(memfd, at, count);
  const refused = checkTransfer(at, isWritable(file)) ?? checkWrite(memfd, count, stored);
  if (refused !== undefined) call.reject(refused.errno, refused.why);
  if (refused === undefined ? !call.accept(Number(stored)) : !call.observedSuccess) return;
  const length = BigInt(event.ret ?? stored);
  memfd.pages.store(at, length, event.data);
  if (length > 0n && at + length > memfd.size_bytes) memfd.resize(machine, at + length);
  if (event.offset === undefined) file.position += length;
}

/** A file nobody has read or written stands at its beginning, recorded seeks or not. */
function isPositionKnown({ machine, event }: Call<Transfer>, file: OpenFile): boolean {
  return event.offset !== undefined || machine.seeks_recorded || file.position === 0n;
}

function checkTransfer(at: bigint, allowed: boolean): Refused | undefined {
  if (!allowed) return { errno: "EBADF", why: "the descriptor was not opened for this" };
  if (at > OFFSET_MAX) return { errno: "EINVAL", why: "negative offset" };
  return undefined;
}

function checkWrite(memfd: Memfd, count: bigint, stored: bigint): Refused | undefined {
  if (memfd.origin === "hugetlb") return { errno: "EINVAL", why: "hugetlb files have no write" };
  if (count === 0n) return undefined;
  if (memfd.hasSeal(NO_WRITE_SEALS)) return { errno: "EPERM", why: "sealed against writing" };
  if (stored > 0n) return undefined;
  const why = memfd.frozen ? "the file is preserved" : "F_SEAL_GROW";
  return { errno: "EPERM", why: `the write ends behind the end of the file: ${why}` };
}

/** How much of a write the file takes: all of it, or the chunks before the one that is too long. */
function storedBytes(memfd: Memfd, at: bigint, count: bigint): bigint {
  const canGrow = !memfd.frozen && !memfd.hasSeal(F_SEAL_GROW);
  if (canGrow || at + count <= memfd.size_bytes) return count;
  const wholeChunks = (memfd.size_bytes / CHUNK_BYTES) * CHUNK_BYTES;
  return wholeChunks > at ? wholeChunks - at : 0n;
}

/** Memory: memfds and files, address spaces, contents. */

import * as z from "zod";
import { call, common, fd, hexBytes, result, s32, u32, u64 } from "./scalars.js";

export const memfdCreate = z.strictObject({
  ...call,
  type: z.literal("memfd_create"),
  name: z.string(),
  flags: u32,
  ...result,
});

export const ftruncate = z.strictObject({
  ...call,
  type: z.literal("ftruncate"),
  fd,
  length: u64,
  ...result,
});

export const fallocate = z.strictObject({
  ...call,
  type: z.literal("fallocate"),
  fd,
  mode: u32,
  offset: u64,
  length: u64,
  ...result,
});

export const lseek = z.strictObject({
  ...call,
  type: z.literal("lseek"),
  fd,
  offset: s64(),
  whence: s32,
  ...result,
});

/** read, write, pread, pwrite. `data` holds what was read or written, cut at 4096 bytes. */
export const transfer = z.strictObject({
  ...call,
  type: z.enum(["read", "write", "pread", "pwrite"]),
  fd,
  count: u64,
  offset: u64.optional(),
  data: hexBytes.optional(),
  ...result,
});

export const fcntl = z.strictObject({
  ...call,
  type: z.literal("fcntl"),
  fd,
  /** F_ADD_SEALS, F_GET_SEALS, F_SETFD, F_GETFD, F_SETFL, F_GETFL, or the number in decimal. */
  cmd: z.string(),
  arg: z.int(),
  ...result,
});

const mapped = z.union([z.literal(-1), u64]);

export const mmap = z.strictObject({
  ...call,
  type: z.literal("mmap"),
  addr: u64,
  length: u64,
  prot: u32,
  flags: u32,
  fd,
  offset: u64,
  /** The address, or -1. */
  address: mapped.optional(),
  errno: result.errno,
});

export const munmap = z.strictObject({
  ...call,
  type: z.literal("munmap"),
  addr: u64,
  length: u64,
  ...result,
});

export const mremap = z.strictObject({
  ...call,
  type: z.literal("mremap"),
  addr: u64,
  old_length: u64,
  new_length: u64,
  flags: u32,
  new_addr: u64.optional(),
  address: mapped.optional(),
  errno: result.errno,
});

export const mprotect = z.strictObject({
  ...call,
  type: z.literal("mprotect"),
  addr: u64,
  length: u64,
  prot: u32,
  ...result,
});

export const madvise = z.strictObject({
  ...call,
  type: z.literal("madvise"),
  addr: u64,
  length: u64,
  advice: s32,
  ...result,
});

/** The CPU stored bytes; stores are not system calls, so only a program can say so. */
export const cpuWrite = z.strictObject({
  ...call,
  type: z.literal("cpu_write"),
  user_va: u64.optional(),
  /** The memfd behind the address, by descriptor, and the offset in it. */
  fd: fd.optional(),
  offset: u64.optional(),
  /** Which buffer of the program this is, and the offset in it, where no descriptor names it. */
  buffer: z.string().optional(),
  length_bytes: z.int().min(0),
  data: hexBytes.optional(),
  /** The store raised SIGBUS: nothing was written. */
  sigbus: z.boolean().optional(),
});

/** A program found these bytes in memory. */
export const memoryContent = z.strictObject({
  ...call,
  type: z.literal("memory_content"),
  user_va: u64.optional(),
  fd: fd.optional(),
  offset: u64.optional(),
  buffer: z.string().optional(),
  length_bytes: z.int().min(0),
  data: hexBytes.optional(),
});

/** State of a memfd as fstat, fcntl and a read of its contents showed it. */
export const memfdState = z.strictObject({
  ...call,
  type: z.literal("memfd_state"),
  fd,
  name: z.string(),
  token: u64.optional(),
  size: z.int().min(0),
  position: z.int().min(-1),
  seals: s32,
  flags: s32,
  fd_flags: s32,
  mode: u32,
  inode: z.int().min(0),
  links: z.int().min(0),
  blocks: z.int().min(0),
  /** FNV-1a 64 over the first `hashed_bytes` bytes; absent where the contents were not read. */
  fnv1a64: z.string().optional(),
  hashed_bytes: z.int().min(0),
});

export const unlink = z.strictObject({
  ...call,
  type: z.literal("unlink"),
  path: z.string(),
  ...result,
});

/** Where a program's named buffers lie. */
export const buffers = z.strictObject({
  ...call,
  type: z.literal("buffers"),
  buffers: z.array(
    z.strictObject({ name: z.string(), user_va: u64, length_bytes: u64, fd: fd.optional() }),
  ),
});

/** The trace lost events here: what the model knows may be stale (rule guard G2). */
export const lostEvents = z.strictObject({
  ...common,
  type: z.literal("lost_events"),
  count: z.int().min(0).optional(),
});

function s64() {
  return z.int();
}

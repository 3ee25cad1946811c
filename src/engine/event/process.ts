/** Process and descriptor life: fork, exec, exit, open, close, dup, SCM_RIGHTS. */

import * as z from "zod";
import { call, common, fd, pid, result, s32, u32, u64 } from "./scalars.js";

/** What a process is for. */
export const processRole = z.enum(["manager", "vmm", "reaper", "pid1", "other"]);

/** A process the trace starts to follow, or whose image was replaced by exec. */
export const processStart = z.strictObject({
  ...call,
  type: z.literal("process_start"),
  ppid: pid.optional(),
  comm: z.string().optional(),
  argv: z.array(z.string()).optional(),
  uid: u32.optional(),
  /** RLIMIT_MEMLOCK in bytes. */
  rlimit_memlock: u64.optional(),
  role: processRole.optional(),
});

export const fork = z.strictObject({
  ...call,
  type: z.literal("fork"),
  child: pid.optional(),
  ...result,
});

/** The child's own first event; the process exists from the earlier of this and the fork. */
export const child = z.strictObject({ ...call, type: z.literal("child"), ppid: pid });

/** Recorded before the call; a `process_start` of the same pid proves that it succeeded. */
export const exec = z.strictObject({
  ...call,
  type: z.literal("exec"),
  path: z.string(),
  argv: z.array(z.string()).optional(),
  ...result,
});

/** The process is gone: all its descriptors are closed, its memory is unmapped. */
export const exit = z.strictObject({
  ...call,
  type: z.literal("exit"),
  code: s32.optional(),
  signal: s32.optional(),
});

/** A parent learnt that `child` ended. */
export const wait = z.strictObject({
  ...call,
  type: z.literal("wait"),
  child: pid.optional(),
  code: s32.optional(),
  signal: s32.optional(),
  ...result,
});

export const kill = z.strictObject({
  ...call,
  type: z.literal("kill"),
  target: s32,
  signal: s32,
  ...result,
});

export const setrlimit = z.strictObject({
  ...call,
  type: z.literal("setrlimit"),
  resource: z.enum(["RLIMIT_MEMLOCK", "RLIMIT_NOFILE", "other"]),
  cur: u64,
  max: u64,
  ...result,
});

/** Effective capabilities after the call, as cap_to_text writes them. */
export const capset = z.strictObject({
  ...call,
  type: z.literal("capset"),
  caps: z.string(),
  ...result,
});

export const open = z.strictObject({
  ...call,
  type: z.literal("open"),
  path: z.string(),
  flags: u32,
  dirfd: fd.optional(),
  mode: u32.optional(),
  ...result,
});

export const close = z.strictObject({ ...call, type: z.literal("close"), fd, ...result });

export const dup = z.strictObject({
  ...call,
  type: z.literal("dup"),
  /** F_DUPFD and F_DUPFD_CLOEXEC take `target` as a lower bound, dup2 and dup3 as the number. */
  how: z.enum(["dup", "dup2", "dup3", "F_DUPFD", "F_DUPFD_CLOEXEC"]),
  fd,
  target: fd.optional(),
  cloexec: z.boolean().optional(),
  ...result,
});

/** SCM_RIGHTS, sending side. `fds` are the sender's numbers. */
export const sendFds = z.strictObject({
  ...call,
  type: z.literal("send_fds"),
  socket: fd,
  fds: z.array(fd),
  ...result,
});

/** SCM_RIGHTS, receiving side. `fds` are the receiver's new numbers, in the order sent. */
export const receiveFds = z.strictObject({
  ...call,
  type: z.literal("receive_fds"),
  socket: fd,
  fds: z.array(fd),
  /** What each received descriptor names, as /proc shows it; helps where the send was not seen. */
  paths: z.array(z.string()).optional(),
  /** MSG_CMSG_CLOEXEC, where it is known. */
  cloexec: z.boolean().optional(),
  ...result,
});

/** A call that makes descriptors the model does not look into. */
export const newFds = z.strictObject({
  ...call,
  type: z.literal("new_fds"),
  what: z.enum(["pipe", "socketpair", "eventfd", "pidfd", "other"]),
  fds: z.array(fd),
  ...result,
});

/** Descriptors the trace starts with, where it starts in the middle (rule guard G1). */
export const snapshotFd = z.strictObject({
  ...call,
  type: z.literal("snapshot_fd"),
  fd,
  path: z.string(),
  /** Snapshot descriptors with the same `file` share one open file description. */
  file: z.int().min(0).optional(),
});

/** Free text of the recorded program: a log line, a step, an expectation. */
export const note = z.strictObject({
  ...common,
  type: z.literal("note"),
  kind: z.string().optional(),
  text: z.string(),
  ok: z.boolean().optional(),
});

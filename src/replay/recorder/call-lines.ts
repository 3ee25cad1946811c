/**
 * Raw lines of calls other than ioctl, by `ev`: a table of converters. Each gives the event without
 * the common keys, or undefined for a line that has no meaning for the model (it is counted).
 */

import type { PlainEvent } from "../../engine/event/index.js";
import { knownErrno } from "./ioctl-line.js";
import {
  optionalNumber,
  optionalU64,
  type RawLine,
  rawBytes,
  rawLines,
  rawNumber,
  rawString,
  rawStrings,
  rawU64,
} from "./raw-line.js";

type WithoutCommon<E> = E extends unknown
  ? Omit<E, "seq" | "ts" | "ts_end" | "pid" | "tid" | "label">
  : never;
export type EventParts = WithoutCommon<PlainEvent>;
export type Converter = (line: RawLine) => EventParts | undefined;

const RLIMITS: Readonly<Record<number, "RLIMIT_MEMLOCK" | "RLIMIT_NOFILE">> = {
  7: "RLIMIT_NOFILE",
  8: "RLIMIT_MEMLOCK",
};

const FCNTL_NAMES: Readonly<Record<number, string>> = {
  1: "F_GETFD",
  2: "F_SETFD",
  3: "F_GETFL",
  4: "F_SETFL",
  1033: "F_ADD_SEALS",
  1034: "F_GET_SEALS",
};

const SYS_PIDFD_OPEN = 434;
const O_CLOEXEC = 0o2000000;

export const CALL_LINES: Readonly<Record<string, Converter>> = {
  start: (line) => ({
    type: "process_start",
    ppid: rawNumber(line, "ppid"),
    comm: rawString(line, "comm"),
    argv: rawStrings(line, "argv"),
    uid: rawNumber(line, "uid"),
    rlimit_memlock: rawU64(line, "rlimit_memlock"),
  }),
  fork: (line) => ({ type: "fork", child: rawNumber(line, "child"), ...resultOf(line) }),
  child: (line) => ({ type: "child", ppid: rawNumber(line, "ppid") }),
  execve: (line) => ({
    type: "exec",
    path: rawString(line, "path"),
    argv: rawStrings(line, "argv"),
  }),
  _exit: (line) => ({ type: "exit", code: rawNumber(line, "code") }),
  fini: (line) => ({ type: "exit", code: rawNumber(line, "code") }),
  // exit() runs handlers first; the process ends with its `fini` line.
  exit: (line) => ({ type: "note", kind: "exit", text: `exit(${rawNumber(line, "code")})` }),
  waitpid: (line) => ({
    type: "wait",
    ...optional("child", positive(rawNumber(line, "ret"))),
    ...optional("code", optionalNumber(line, "exitcode")),
    ...optional("signal", optionalNumber(line, "termsig")),
    ...resultOf(line),
  }),
  kill: (line) => ({
    type: "kill",
    target: rawNumber(line, "target"),
    signal: rawNumber(line, "sig"),
    ...resultOf(line),
  }),
  setrlimit: (line) => ({
    type: "setrlimit",
    resource: RLIMITS[rawNumber(line, "resource")] ?? "other",
    cur: rawU64(line, "cur"),
    max: rawU64(line, "max"),
    ...resultOf(line),
  }),
  cap_set_proc: (line) => ({ type: "capset", caps: rawString(line, "caps"), ...resultOf(line) }),
  open: (line) => ({
    type: "open",
    path: rawString(line, "path"),
    flags: rawNumber(line, "flags"),
    dirfd: rawNumber(line, "dirfd"),
    mode: rawNumber(line, "mode"),
    ...resultOf(line),
  }),
  close: (line) => ({ type: "close", fd: rawNumber(line, "fd"), ...resultOf(line) }),
  dup: (line) => ({ type: "dup", how: "dup", fd: rawNumber(line, "fd"), ...resultOf(line) }),
  dup2: (line) => dupTo(line, "dup2"),
  dup3: (line) => dupTo(line, "dup3"),
  fcntl_dupfd: (line) => dupTo(line, "F_DUPFD"),
  fcntl: (line) => {
    const cmd = rawNumber(line, "fcmd");
    return {
      type: "fcntl",
      fd: rawNumber(line, "fd"),
      cmd: FCNTL_NAMES[cmd] ?? String(cmd),
      arg: rawNumber(line, "farg"),
      ...resultOf(line),
    };
  },
  sendmsg: (line) => ({
    type: "send_fds",
    socket: rawNumber(line, "fd"),
    fds: scmRights(line).map((entry) => rawNumber(entry, "fd")),
    ...resultOf(line),
  }),
  recvmsg: (line) => ({
    type: "receive_fds",
    socket: rawNumber(line, "fd"),
    fds: scmRights(line).map((entry) => rawNumber(entry, "fd")),
    paths: scmRights(line).map((entry) => rawString(entry, "path")),
    ...resultOf(line),
  }),
  pipe: (line) => madeFds(line, "pipe", ["rfd", "wfd"]),
  socketpair: (line) => madeFds(line, "socketpair", ["fd0", "fd1"]),
  eventfd: (line) => madeFds(line, "eventfd", ["ret"]),
  syscall: (line) =>
    rawNumber(line, "nr") === SYS_PIDFD_OPEN ? madeFds(line, "pidfd", ["ret"]) : undefined,
  memfd_create: (line) => ({
    type: "memfd_create",
    name: rawString(line, "name"),
    flags: rawNumber(line, "flags"),
    ...resultOf(line),
  }),
  ftruncate: (line) => ({
    type: "ftruncate",
    fd: rawNumber(line, "fd"),
    length: rawU64(line, "len"),
    ...resultOf(line),
  }),
  fallocate: (line) => ({
    type: "fallocate",
    fd: rawNumber(line, "fd"),
    mode: rawNumber(line, "mode"),
    offset: rawU64(line, "off"),
    length: rawU64(line, "len"),
    ...resultOf(line),
  }),
  lseek: (line) => ({
    type: "lseek",
    fd: rawNumber(line, "fd"),
    offset: rawNumber(line, "off"),
    whence: rawNumber(line, "whence"),
    ...resultOf(line),
  }),
  read: (line) => transfer(line, "read"),
  write: (line) => transfer(line, "write"),
  pread: (line) => transfer(line, "pread"),
  pwrite: (line) => transfer(line, "pwrite"),
  mmap: (line) => ({
    type: "mmap",
    addr: rawU64(line, "addr"),
    length: rawU64(line, "len"),
    prot: rawNumber(line, "prot"),
    flags: rawNumber(line, "flags"),
    fd: rawNumber(line, "fd"),
    offset: rawU64(line, "off"),
    ...addressOf(line),
  }),
  munmap: (line) => ({
    type: "munmap",
    addr: rawU64(line, "addr"),
    length: rawU64(line, "len"),
    ...resultOf(line),
  }),
  mremap: (line) => ({
    type: "mremap",
    addr: rawU64(line, "addr"),
    old_length: rawU64(line, "old_len"),
    new_length: rawU64(line, "new_len"),
    flags: rawNumber(line, "flags"),
    ...optional("new_addr", optionalU64(line, "new_addr")),
    ...addressOf(line),
  }),
  mprotect: (line) => ({
    type: "mprotect",
    addr: rawU64(line, "addr"),
    length: rawU64(line, "len"),
    prot: rawNumber(line, "prot"),
    ...resultOf(line),
  }),
  madvise: (line) => ({
    type: "madvise",
    addr: rawU64(line, "addr"),
    length: rawU64(line, "len"),
    advice: rawNumber(line, "advice"),
    ...resultOf(line),
  }),
  unlink: (line) => ({
    type: "unlink",
    path: rawString(line, "path"),
    ret: rawNumber(line, "ret"),
  }),
  // Waiting and the session leader change nothing that the model has.
  poll: (line) => ({ type: "note", kind: "call", text: `poll = ${rawNumber(line, "ret")}` }),
  setsid: (line) => ({ type: "note", kind: "call", text: `setsid = ${rawNumber(line, "ret")}` }),
  msg: (line) => ({ type: "note", kind: "msg", text: rawString(line, "text") }),
  note: (line) => ({ type: "note", kind: "note", text: rawString(line, "msg") }),
  step: (line) => ({ type: "note", kind: "step", text: rawString(line, "name") }),
  expect: (line) => ({
    type: "note",
    kind: "expect",
    text: rawString(line, "what"),
    ok: line["ok"] === true,
  }),
  probe: (line) => ({
    type: "note",
    kind: "probe",
    text: `${rawString(line, "state")}: ${rawString(line, "op")} = ${rawString(line, "result")}`,
  }),
  test_run: (line) => ({ type: "marker", what: "test_start", text: rawString(line, "name") }),
  test_end: (line) => ({
    type: "marker",
    what: "test_end",
    text: `${rawString(line, "name")} ${rawString(line, "result")}`,
  }),
};

/** `ret` and, for a failure, the errno's name. */
export function resultOf(line: RawLine) {
  const ret = rawNumber(line, "ret");
  const errno = optionalNumber(line, "errno") ?? 0;
  return ret === -1 && errno !== 0 ? { ret, errno: knownErrno(errno) } : { ret };
}

function addressOf(line: RawLine) {
  const errno = rawNumber(line, "errno");
  if (errno !== 0) return { address: -1 as const, errno: knownErrno(errno) };
  return { address: rawU64(line, "ret") };
}

function optional<K extends string, V>(key: K, value: V | undefined): { [P in K]?: V } {
  return (value === undefined ? {} : { [key]: value }) as { [P in K]?: V };
}

function positive(value: number): number | undefined {
  return value > 0 ? value : undefined;
}

function dupTo(line: RawLine, how: "dup2" | "dup3" | "F_DUPFD"): EventParts {
  const flags = optionalNumber(line, "flags") ?? 0;
  return {
    type: "dup",
    how,
    fd: rawNumber(line, "fd"),
    target: rawNumber(line, "newfd"),
    ...((flags & O_CLOEXEC) !== 0 ? { cloexec: true } : {}),
    ...resultOf(line),
  };
}

function madeFds(
  line: RawLine,
  what: "pipe" | "socketpair" | "eventfd" | "pidfd",
  keys: readonly string[],
): EventParts {
  const result = resultOf(line);
  const fds = result.ret < 0 ? [] : keys.map((key) => rawNumber(line, key));
  return { type: "new_fds", what, fds, ...result };
}

function transfer(line: RawLine, type: "read" | "write" | "pread" | "pwrite"): EventParts {
  const data = rawBytes(line, "data");
  return {
    type,
    fd: rawNumber(line, "fd"),
    count: rawU64(line, "count"),
    ...optional("offset", optionalU64(line, "off")),
    ...(data === null ? {} : { data }),
    ...resultOf(line),
  };
}

function scmRights(line: RawLine): RawLine[] {
  return rawLines(line["scm_rights"]);
}

/**
 * What the fields of events mean when two traces are compared. Numbers that a kernel or a program
 * may choose otherwise in another run (descriptors, pids, ids, tokens, addresses) are compared by
 * what they stand for, everything else by its value.
 */

export type FieldRole =
  /** It says nothing about the story, or it is a result that is compared on its own. */
  | "ignored"
  | "pid"
  | "fd"
  | "fds"
  /** An id of an object in the iommufd at work. */
  | "id"
  /** A token of a session's file. */
  | "token"
  /** A token of a page table. */
  | "hwpt_token"
  /** An address in the process's own memory. */
  | "address"
  | "path"
  | "value";

const EVENT_ROLES: Readonly<Record<string, FieldRole>> = {
  ...roles("ignored", "seq", "ts", "ts_end", "tid", "label", "type", "op", "in", "out", "tail"),
  ...roles("ignored", "out_tail", "mem", "arg", "newfd", "ret", "errno", "address", "text"),
  ...roles("ignored", "physical", "boot_id", "inode", "blocks", "file", "paths", "argv", "facts"),
  ...roles("ignored", "buffers", "group", "position", "kernel", "cmdline"),
  ...roles("pid", "pid", "ppid"),
  ...roles("fd", "fd", "dirfd", "socket"),
  ...roles("address", "addr", "user_va", "new_addr"),
  ...roles("path", "path"),
};

/** Fields that mean something else in some events. */
const SPECIAL: Readonly<Record<string, Readonly<Record<string, FieldRole>>>> = {
  fork: { child: "ignored" },
  wait: { child: "pid" },
  kill: { target: "pid" },
  dup: { target: "ignored" },
  send_fds: { fds: "fds" },
  receive_fds: { fds: "ignored" },
  new_fds: { fds: "ignored" },
  read: { data: "ignored" },
  pread: { data: "ignored" },
  memfd_state: { token: "ignored", name: "ignored" },
  marker: { pid: "pid" },
};

const STRUCT_ROLES: Readonly<Record<string, FieldRole>> = {
  ...roles("fd", "fd", "dmabuf_fd", "iommufd", "container"),
  ...roles("id", "id", "object_id", "vdev_id", "fault_id", "pt_id", "dev_id", "hwpt_id"),
  ...roles("id", "ioas_id", "src_ioas_id", "dst_ioas_id", "viommu_id"),
  ...roles("token", "token"),
  ...roles("hwpt_token", "hwpt_token"),
  ...roles("address", "user_va", "vaddr"),
  ...roles("ignored", "size", "argsz", "uptr", "data_uptr", "allowed_iovas", "token_uuid_ptr"),
  ...roles("ignored", "data", "access_pages_id", "cookie"),
};

function roles(role: FieldRole, ...names: string[]): Record<string, FieldRole> {
  return Object.fromEntries(names.map((name) => [name, role]));
}

export function eventRole(type: string, field: string): FieldRole {
  return SPECIAL[type]?.[field] ?? EVENT_ROLES[field] ?? "value";
}

/** The role of a field of an ioctl's struct, as the caller gave it. */
export function structRole(field: string): FieldRole {
  if (field.startsWith("out_") || field.startsWith("__")) return "ignored";
  return STRUCT_ROLES[field] ?? "value";
}

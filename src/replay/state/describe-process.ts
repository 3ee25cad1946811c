import type { FdEntry } from "../../engine/file/fd-table.js";
import type { Process } from "../../engine/process/process.js";
import { FILES } from "./describe-file.js";
import { ADDRESS_SPACES } from "./describe-memory.js";
import { hexText, type Naming } from "./naming.js";
import type { StateObject } from "./state-value.js";

/** A process with its descriptors. */
export function describeProcess(process: Process, naming: Naming): StateObject {
  return {
    pid: process.pid,
    parent: process.parent?.alive === true ? process.parent.pid : undefined,
    role: process.role,
    comm: process.comm,
    uid: process.uid,
    rlimit_memlock: hexText(process.rlimit_memlock),
    rlimit_nofile: hexText(process.rlimit_nofile),
    dropped_capabilities: [...process.droppedCapabilities].sort(),
    fault_injection: process.faultInjection ? true : undefined,
    fds: process.fds.entries().map((entry) => describeFd(entry, naming)),
    address_space: naming.name(ADDRESS_SPACES, process.mm),
  };
}

function describeFd([fd, { file, cloexec }]: [number, FdEntry], naming: Naming): StateObject {
  return { fd, cloexec: cloexec === true, file: naming.name(FILES, file) };
}

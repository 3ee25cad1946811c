/**
 * What a kind of file must be able to do to cross a live update: one handler per kind, listed in
 * handlers.ts. LUO knows sessions, tokens and the order of calls; everything else is the handler's.
 *
 * Each thing that can fail comes as a pure check and a change that cannot fail, so that a call the
 * kernel refused leaves no trace.
 *
 * @source struct liveupdate_file_ops, include/linux/liveupdate.h (v7.3.4)
 */

import type { Refused } from "../call/refused.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { Process } from "../process/process.js";
import type { LuoFile } from "./luo-file.js";
import type { LuoSession } from "./session.js";

export type { Refused } from "../call/refused.js";

/** PRESERVE_FD as a handler sees it. */
export interface PreserveRequest {
  readonly machine: Machine;
  readonly process: Process;
  readonly session: LuoSession;
  readonly file: OpenFile;
  readonly token: bigint;
}

/** `Record` is what the handler remembers about a file and what the next kernel finds of it. */
export interface FileHandler<Record = unknown> {
  /** The string that ties a record to its handler in the next kernel. */
  readonly compatible: string;
  readonly source: string;

  /** Whether the handler takes this file at all. No handler: ENOENT. */
  canPreserve(machine: Machine, file: OpenFile): boolean;
  /** What must not be preserved twice, in any session: the inode, or the open file. */
  identity(file: OpenFile): object;
  checkPreserve(request: PreserveRequest): Refused | undefined;
  preserve(request: PreserveRequest): Record;
  /** The session was closed before the kexec: the file is as it was before. */
  unpreserve(machine: Machine, luoFile: LuoFile<Record>): void;

  /** reboot(KEXEC): a refusal ends the reboot with its errno. */
  checkFreeze(machine: Machine, luoFile: LuoFile<Record>): Refused | undefined;
  freeze(machine: Machine, luoFile: LuoFile<Record>): void;
  /** A later file refused to freeze. */
  unfreeze(machine: Machine, luoFile: LuoFile<Record>): void;

  /** The first RETRIEVE_FD in the next kernel. A refusal is repeated for ever. */
  checkRetrieve(machine: Machine, luoFile: LuoFile<Record>): Refused | undefined;
  retrieve(machine: Machine, luoFile: LuoFile<Record>): OpenFile;

  checkFinish(machine: Machine, luoFile: LuoFile<Record>): Refused | undefined;
  /** `luoFile.state` tells what became of it: waiting (never retrieved), retrieved or failed. */
  finish(machine: Machine, luoFile: LuoFile<Record>): void;
}

/** Keeps the record's type together inside a handler; outside it is unknown. */
export function defineHandler<Record>(handler: FileHandler<Record>): FileHandler {
  return handler as unknown as FileHandler;
}

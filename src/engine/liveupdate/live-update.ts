import type { LuoFile } from "./luo-file.js";
import type { LuoSession } from "./session.js";

/** 51 records in each of 10000 blocks, and 63 in each of 10000. */
export const SESSIONS_MAX = 510_000;
export const FILES_PER_SESSION_MAX = 630_000;

/**
 * The Live Update Orchestrator of the running kernel.
 *
 * @source kernel/liveupdate/luo_core.c, luo_session.c (v7.3.4)
 */
export class LiveUpdate {
  /** False when the kernel runs without live update: there is no /dev/liveupdate. */
  enabled = true;
  /** /dev/liveupdate is open; a second open is EBUSY. */
  deviceOpen = false;
  /** The first open reads what arrived; if that failed, every later open is EIO. */
  incomingState: "unread" | "read" | "failed" = "unread";
  /** Compatible strings of files that arrived and that no handler of this kernel knows. */
  missingHandlers: ReadonlySet<string> = new Set();
  /** Sessions of this kernel, by name, in the order they were created. */
  readonly outgoing = new Map<string, LuoSession>();
  /** Sessions that arrived, by name. */
  readonly incoming = new Map<string, LuoSession>();
  /** What is preserved now, or retrieved and not finished, by identity. */
  readonly preserved = new Map<object, LuoFile>();
  /** reboot(KEXEC) has serialized everything: nothing but the jump can follow. */
  serialized = false;
  /** How the image for the next kexec was loaded; undefined when no load was recorded. */
  kexecImage: "kexec_file_load" | "kexec_load" | undefined;
}

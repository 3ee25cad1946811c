import type { Errno } from "../errno.js";
import type { OpenFile } from "../file/open-file.js";
import type { FileHandler } from "./handler.js";
import type { LuoSession } from "./session.js";

export type LuoFileState =
  /** Before the kexec: LUO holds the file. */
  | "preserved"
  /** reboot(KEXEC) froze it. */
  | "frozen"
  /** In the next kernel, not asked for yet. */
  | "waiting"
  | "retrieved"
  /** Its first retrieve failed; every later one repeats `retrieve_errno`. */
  | "failed"
  | "finished"
  /** Its session was closed before the kexec. */
  | "unpreserved"
  /** It did not cross: its session never arrived, or was not retrieved in time. */
  | "lost";

/** One file in a session, under its token. The same object lives on in the next kernel. */
export class LuoFile<Record = unknown> {
  state: LuoFileState = "preserved";
  /** The file LUO holds a reference to: undefined between kexec and retrieve. */
  file: OpenFile | undefined;
  retrieve_errno: Errno | undefined;
  retrieved_seq: number | undefined;

  constructor(
    readonly session: LuoSession,
    readonly token: bigint,
    readonly handler: FileHandler<Record>,
    readonly record: Record,
    /** The file that was preserved. */
    readonly source: OpenFile,
    readonly preserved_seq: number,
    /** Process that preserved it. */
    readonly preserved_pid: number,
  ) {
    this.file = source;
  }
}

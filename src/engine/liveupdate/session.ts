import { FileObject } from "../file/file-object.js";
import { bootText, type Lineage, lineageText } from "../lineage.js";
import type { Machine } from "../machine.js";
import { closeSession } from "./close-session.js";
import type { LuoFile } from "./luo-file.js";

export type SessionState =
  /** Created in this kernel; files can be preserved. */
  | "out"
  /** Serialized: the machine is about to jump. */
  | "out_frozen"
  /** Arrived from the kernel before, not retrieved. */
  | "in_wait"
  /** Retrieved. */
  | "in_open"
  /** Finished, its descriptor is still open. */
  | "in_empty"
  /** Its last descriptor was closed while a file could not finish. */
  | "in_stuck"
  | "gone"
  /** It arrived, but this kernel cannot hand it out. */
  | "unreachable";

/**
 * A LUO session: what its descriptors refer to, before the kexec and after it.
 *
 * @source kernel/liveupdate/luo_session.c (v7.3.4)
 */
export class LuoSession extends FileObject {
  readonly kind = "luo_session";
  /** By token, in the order they were preserved. */
  readonly files = new Map<bigint, LuoFile>();
  state: SessionState = "out";
  /** The kernel it is in now. */
  epoch: number;
  /**
   * It was open before the trace began. Its files are not known, and whether it is of this kernel
   * or arrived is told by the first call that the kernel accepts.
   */
  from_snapshot = false;
  /** It was retrieved in this kernel: a second time is EINVAL even when its fd is closed. */
  retrieved = false;

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly name: string,
    readonly created_seq: number,
    /** Process that created it. */
    readonly created_pid: number,
    /** Kernel that created it. */
    readonly created_epoch: number,
    override readonly lineage: Lineage,
  ) {
    super();
    this.epoch = created_epoch;
  }

  override describe(): string {
    return lineageText(this.lineage) + bootText(this.epoch);
  }

  /** True for a session of this kernel, false for one that arrived. */
  get isOutgoing(): boolean {
    return this.state === "out" || this.state === "out_frozen";
  }

  /** Nothing has told yet that a session from a snapshot is of this kernel. */
  get mayHaveArrived(): boolean {
    return this.from_snapshot && this.state === "out" && this.files.size === 0;
  }

  /** A session from a snapshot did something that only one that arrived can do. */
  turnOutArrived({ liveUpdate }: Machine): void {
    liveUpdate.outgoing.delete(this.name);
    liveUpdate.incoming.set(this.name, this);
    this.state = "in_open";
    this.retrieved = true;
  }

  override onRelease(machine: Machine): void {
    closeSession(machine, this);
  }
}

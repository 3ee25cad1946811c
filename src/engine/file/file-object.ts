import type { Lineage } from "../lineage.js";
import type { Machine } from "../machine.js";

/**
 * What an open file description can be. The kind decides which ioctls it serves and what its last
 * close does.
 */
export type FileKind =
  | "iommufd"
  | "memfd"
  | "luo_device"
  | "luo_session"
  | "vfio_device"
  | "vfio_group"
  | "vfio_container"
  | "fault_queue"
  | "veventq"
  | "selftest_access"
  | "dmabuf"
  | "kvm_vm"
  | "guest_memfd"
  | "socket"
  | "fail_nth"
  | "other";

/** The thing behind an open file description. Subclasses live beside what they belong to. */
export abstract class FileObject {
  abstract readonly kind: FileKind;
  /** Which thing this is, across kernels; undefined for what cannot cross one. */
  readonly lineage: Lineage | undefined;

  /** A name for messages, such as `vm7/iommufd#1@boot2` or `memfd "ram"`; see lineage.ts. */
  abstract describe(): string;

  /** Called for each new open file description. */
  onOpen(): void {}

  /** Bytes of shared mappings that are or can be made writable came (or went, if negative). */
  onWritableMapping(_machine: Machine, _change_bytes: bigint): void {}

  /** Called once, when the last reference to the open file description is gone. */
  onRelease(_machine: Machine): void {}
}

/** A file the model does not look into: a regular file, a pipe, /dev/null. */
export class OtherFile extends FileObject {
  readonly kind = "other";

  constructor(readonly path: string) {
    super();
  }

  override describe(): string {
    return this.path;
  }
}

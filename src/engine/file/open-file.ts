import { assert } from "../assert.js";
import type { Machine } from "../machine.js";
import type { FileObject } from "./file-object.js";

/**
 * An open file description: what dup, fork and SCM_RIGHTS share. It lives as long as anything
 * refers to it: descriptors, messages in flight, memory mappings, and the kernel itself (LUO for a
 * preserved file, an iommufd for a mapped file, a bound VFIO device for its iommufd).
 */
export class OpenFile {
  private _references = 0;

  constructor(
    /** Unique in the whole trace, in order of creation. */
    readonly serial: number,
    readonly object: FileObject,
    /** open(2) flags. */
    public flags: number,
    /** File position in bytes. */
    public position = 0n,
  ) {}

  get references(): number {
    return this._references;
  }

  /** The next `put` releases the file. */
  get isLastReference(): boolean {
    return this._references === 1;
  }

  /** Takes one more reference and returns the file. */
  get(): this {
    this._references++;
    return this;
  }

  /** Drops one reference; the last one releases the file. */
  put(machine: Machine): void {
    this.drop();
    if (this._references === 0) machine.releaseFile(this);
  }

  /** The same for a file whose release does nothing: nobody is told when it is the last one. */
  drop(): void {
    assert(this._references > 0, `open file #${this.serial} was released twice`);
    this._references--;
  }
}

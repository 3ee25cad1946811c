/**
 * The address space of a process, as far as recorded calls decide it.
 *
 * The C library maps memory of its own, and stacks and the heap grow without a recorded call. So an
 * address nobody recorded counts as ordinary private memory when it lies between vm.mmap_min_addr
 * and the end of the user half; only an unmapped range is known to be a hole.
 */

import { assert } from "../assert.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { MemoryObject } from "./memory-object.js";
import { type Range, RangeMap } from "./range-map.js";

export type { MemoryObject } from "./memory-object.js";

export const PROT_READ = 1;
export const PROT_WRITE = 2;
/** vm.mmap_min_addr and the end of the user half on 4-level x86, in bytes. */
const MMAP_MIN_ADDR = 0x10000n;
const TASK_SIZE = 0x7fff_ffff_f000n;
/** Addresses the model chooses itself grow down from here: below where Linux puts libraries. */
const OWN_ADDRESSES_END = 0x7000_0000_0000n;

export interface Vma {
  readonly object: MemoryObject;
  /** Offset in the object of the first byte of the range, in bytes. */
  readonly offset: bigint;
  readonly prot: number;
  readonly shared: boolean;
  /** The file that was mapped, where there was one: it stays open while a part is mapped. */
  readonly file?: OpenFile | undefined;
  /** False where mprotect cannot make it writable (VM_MAYWRITE). Absent: it can. */
  readonly may_write?: boolean | undefined;
}

/** One byte's identity: the object it lies in, and where. */
export interface MemoryLocation {
  readonly object: MemoryObject;
  readonly offset: bigint;
  readonly writable: boolean;
  readonly readable: boolean;
  readonly shared: boolean;
  readonly file: OpenFile | undefined;
  /** Bytes from here to the end of the run with the same object and protection. */
  readonly run_bytes: bigint;
}

/** Bytes `first..last` of an address space that lie in one object, with one protection. */
export interface MemoryRun {
  readonly first: number;
  readonly last: number;
  readonly kind: MemoryObject["kind"];
  readonly readable: boolean;
  readonly writable: boolean;
  /** The object is, or may be, the pages of a file. */
  readonly of_file: boolean;
}

/** A recorded mapping: bytes `first..last`. */
export interface Mapping {
  readonly first: bigint;
  readonly last: bigint;
  readonly vma: Vma;
}

const HOLE = "hole";
type VmaOrHole = Vma | typeof HOLE;

export class VmaMap extends RangeMap<VmaOrHole> {
  protected override shift(value: VmaOrHole, delta: bigint): VmaOrHole {
    return value === HOLE ? HOLE : { ...value, offset: value.offset + delta };
  }

  protected override joins(one: VmaOrHole, other: VmaOrHole): boolean {
    return one === HOLE && other === HOLE;
  }
}

export class AddressSpace {
  private readonly ranges = new VmaMap();
  /** Memory that no recorded call explains; private to this address space. */
  private readonly implicit: MemoryObject;
  /** Mapped bytes by file. One reference is held to each file in it. */
  private readonly fileBytes = new Map<OpenFile, bigint>();
  private nextOwn = OWN_ADDRESSES_END;
  private _alive = true;
  /** The runs that were asked for last. */
  private recent: MemoryRun | undefined;
  private older: MemoryRun | undefined;

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly machine: Machine,
  ) {
    this.implicit = { kind: "private", serial: machine.newSerial() };
  }

  /** False once the last process using it is gone. */
  get alive(): boolean {
    return this._alive;
  }

  /** Puts a mapping at `first`, replacing what was there. */
  map(first: bigint, length: bigint, vma: Vma): void {
    this.set(first, first + length - 1n, vma);
  }

  unmap(first: bigint, length: bigint): void {
    if (length > 0n) this.set(first, first + length - 1n, HOLE);
  }

  /** Changes the protection of recorded and unrecorded memory in the range. */
  protect(first: bigint, length: bigint, prot: number): void {
    if (length === 0n) return;
    for (const piece of this.piecesOf(first, first + length - 1n)) {
      if (piece.vma !== undefined) this.set(piece.first, piece.last, { ...piece.vma, prot });
    }
  }

  /** Moves `length` bytes from `from` to `to`; what was at `to` goes, holes stay holes. */
  move(from: bigint, to: bigint, length: bigint): void {
    if (length === 0n || from === to) return;
    const pieces = this.piecesOf(from, from + length - 1n);
    // The copies come first: a file that moves must not lose its last reference on the way.
    this.unmap(to, length);
    for (const { first, last, vma } of pieces) {
      if (vma !== undefined) this.set(to + (first - from), to + (last - from), vma);
    }
    this.unmap(from, length);
  }

  /** The mapping that holds `address`, recorded or not; undefined in a hole. */
  mappingAt(address: bigint): Mapping | undefined {
    const [piece] = this.piecesOf(address, address);
    if (piece?.vma === undefined) return undefined;
    const range = this.ranges.find(address);
    if (range === undefined || range.value === HOLE) return { ...piece, vma: piece.vma };
    return { first: range.first, last: range.last, vma: range.value };
  }

  /** `length` bytes from `address` on in pieces of one mapping each; holes are left out. */
  pieces(address: bigint, length: bigint): Mapping[] {
    if (length === 0n) return [];
    return this.piecesOf(address, address + length - 1n).flatMap(({ first, last, vma }) =>
      vma === undefined ? [] : [{ first, last, vma }],
    );
  }

  /** An address for a mapping whose place the trace does not tell. */
  chooseAddress(length: bigint): bigint {
    const unit = this.machine.page_size;
    this.nextOwn -= ((length + unit - 1n) / unit) * unit;
    return this.nextOwn;
  }

  /** The byte at `address`, or undefined where nothing is mapped. */
  locate(address: bigint): MemoryLocation | undefined {
    const range = this.ranges.find(address);
    if (range === undefined) return this.locateImplicit(address);
    const vma = range.value;
    if (vma === HOLE) return undefined;
    return {
      object: vma.object,
      offset: vma.offset + (address - range.first),
      writable: (vma.prot & PROT_WRITE) !== 0,
      readable: vma.prot !== 0,
      shared: vma.shared,
      file: vma.file,
      run_bytes: range.last - address + 1n,
    };
  }

  /**
   * The run of memory around an address that is at most Number.MAX_SAFE_INTEGER: one object with
   * one protection. Costs next to nothing where it is one of the last two that were asked for.
   */
  runAt(address: number): MemoryRun | undefined {
    const { recent } = this;
    if (recent !== undefined && address >= recent.first && address <= recent.last) return recent;
    const { older } = this;
    if (older !== undefined && address >= older.first && address <= older.last) {
      this.older = recent;
      this.recent = older;
      return older;
    }
    const location = this.locate(BigInt(address));
    if (location === undefined) return undefined;
    const { object, readable, writable, file } = location;
    const range = this.ranges.find(BigInt(address));
    const first = range === undefined ? address : Number(range.first);
    const last = address + Number(location.run_bytes) - 1;
    this.older = recent;
    this.recent = {
      first,
      last,
      kind: object.kind,
      readable,
      writable,
      of_file: file !== undefined,
    };
    return this.recent;
  }

  isReadable(address: bigint, length: bigint): boolean {
    return this.every(address, length, (location) => location.readable);
  }

  isWritable(address: bigint, length: bigint): boolean {
    return this.every(address, length, (location) => location.writable);
  }

  /** Recorded mappings, ascending; holes are left out. */
  vmas(): Mapping[] {
    return this.ranges.ranges().flatMap(recorded);
  }

  /** The recorded mappings that `first..last` touches, uncut. */
  vmasIn(first: bigint, last: bigint): Mapping[] {
    return this.ranges.overlapping(first, last).flatMap(recorded);
  }

  /**
   * A forked child's address space: shared memory stays identical, private memory is copied. The
   * parent keeps the pages it had, so what is pinned for DMA stays with the parent.
   */
  fork(serial: number): AddressSpace {
    const child = new AddressSpace(serial, this.machine);
    child.nextOwn = this.nextOwn;
    const copies = new Map<MemoryObject, MemoryObject>([[this.implicit, child.implicit]]);
    for (const { first, last, value } of this.ranges.ranges()) {
      if (value === HOLE || value.shared) {
        child.set(first, last, value);
        continue;
      }
      let copy = copies.get(value.object);
      if (copy === undefined) {
        copy = this.copyOf(value.object);
        copies.set(value.object, copy);
      }
      child.set(first, last, { ...value, object: copy });
    }
    return child;
  }

  /** The last user is gone: every mapping ends and drops its file. */
  release(): void {
    assert(this._alive, `address space #${this.serial} was released twice`);
    this.machine.unsettled.settleAll();
    this._alive = false;
    for (const { first, last, vma } of this.vmas()) this.account(vma, -(last - first + 1n));
  }

  private copyOf(object: MemoryObject): MemoryObject {
    const contents = object.contents?.clone();
    return { ...object, serial: this.machine.newSerial(), contents };
  }

  private set(first: bigint, last: bigint, value: VmaOrHole): void {
    // What was pinned here before keeps the memory that it found.
    this.machine.unsettled.settleAll();
    this.recent = undefined;
    this.older = undefined;
    const old = this.ranges.overlapping(first, last);
    if (value !== HOLE) this.account(value, last - first + 1n);
    this.ranges.set(first, last, value);
    for (const range of old) {
      if (range.value === HOLE) continue;
      const start = range.first < first ? first : range.first;
      const end = range.last > last ? last : range.last;
      this.account(range.value, -(end - start + 1n));
    }
  }

  /** Keeps count of the mapped bytes of files: one reference while there are any. */
  private account(vma: Vma, change: bigint): void {
    const { file } = vma;
    if (file === undefined) return;
    if (vma.shared && vma.may_write !== false) file.object.onWritableMapping(this.machine, change);
    const before = this.fileBytes.get(file) ?? 0n;
    const after = before + change;
    assert(after >= 0n, "a file has no negative number of mapped bytes");
    if (before === 0n) file.get();
    if (after > 0n) this.fileBytes.set(file, after);
    else this.fileBytes.delete(file);
    if (after === 0n) file.put(this.machine);
  }

  /** `first..last` in pieces of one mapping each; holes have no `vma`. */
  private piecesOf(
    first: bigint,
    last: bigint,
  ): { first: bigint; last: bigint; vma: Vma | undefined }[] {
    const found: { first: bigint; last: bigint; vma: Vma | undefined }[] = [];
    const implicit = (from: bigint, to: bigint): void => {
      const vma = { object: this.implicit, offset: from, prot: IMPLICIT_PROT, shared: false };
      found.push({ first: from, last: to, vma });
    };
    let at = first;
    for (const range of this.ranges.overlapping(first, last)) {
      const start = range.first < first ? first : range.first;
      const end = range.last > last ? last : range.last;
      if (at < start) implicit(at, start - 1n);
      const { value } = range;
      const offset = value === HOLE ? 0n : value.offset + (start - range.first);
      found.push({
        first: start,
        last: end,
        vma: value === HOLE ? undefined : { ...value, offset },
      });
      at = end + 1n;
    }
    if (at <= last) implicit(at, last);
    return found;
  }

  private every(
    address: bigint,
    length: bigint,
    test: (location: MemoryLocation) => boolean,
  ): boolean {
    let at = address;
    let left = length;
    while (left > 0n) {
      const location = this.locate(at);
      if (location === undefined || !test(location)) return false;
      at += location.run_bytes;
      left -= location.run_bytes;
    }
    return true;
  }

  private locateImplicit(address: bigint): MemoryLocation | undefined {
    if (address < MMAP_MIN_ADDR || address >= TASK_SIZE) return undefined;
    const next = this.ranges.atOrAfter(address);
    const end = next === undefined || next.first > TASK_SIZE ? TASK_SIZE : next.first;
    return {
      object: this.implicit,
      offset: address,
      writable: true,
      readable: true,
      shared: false,
      file: undefined,
      run_bytes: end - address,
    };
  }
}

const IMPLICIT_PROT = PROT_READ | PROT_WRITE;

function recorded({ first, last, value }: Range<VmaOrHole>): Mapping[] {
  return value === HOLE ? [] : [{ first, last, vma: value }];
}

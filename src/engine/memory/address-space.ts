/**
 * The address space of a process, as far as recorded calls decide it.
 *
 * The C library maps memory of its own, and stacks and the heap grow without a recorded call. So an
 * address nobody recorded counts as ordinary private memory when it lies between vm.mmap_min_addr
 * and the end of the user half; only an unmapped range is known to be a hole.
 */

import type { OpenFile } from "../file/open-file.js";
import { RangeMap } from "./range-map.js";

export const PROT_READ = 1;
export const PROT_WRITE = 2;
/** vm.mmap_min_addr and the end of the user half on 4-level x86, in bytes. */
const MMAP_MIN_ADDR = 0x10000n;
const TASK_SIZE = 0x7fff_ffff_f000n;

/** What a page of memory belongs to. Two addresses with equal object and offset are one page. */
export interface MemoryObject {
  readonly kind: "private" | "shared" | "file" | "device";
  /** Unique in the whole trace. */
  readonly serial: number;
  /** The mapped file, where there is one; the mapping holds a reference to it. */
  readonly file?: OpenFile | undefined;
  /** MAP_HUGETLB or a hugetlb memfd: huge page size in bytes. */
  readonly huge_bytes?: bigint | undefined;
}

export interface Vma {
  readonly object: MemoryObject;
  /** Offset in the object of the first byte of the range, in bytes. */
  readonly offset: bigint;
  readonly prot: number;
  readonly shared: boolean;
}

/** One byte's identity: the object it lies in, and where. */
export interface MemoryLocation {
  readonly object: MemoryObject;
  readonly offset: bigint;
  readonly writable: boolean;
  readonly readable: boolean;
  readonly shared: boolean;
  /** Bytes from here to the end of the run with the same object and protection. */
  readonly run_bytes: bigint;
}

const HOLE = Symbol("hole");

export class AddressSpace {
  readonly #ranges = new RangeMap<Vma | typeof HOLE>((value, delta) =>
    value === HOLE ? HOLE : { ...value, offset: value.offset + delta },
  );
  /** Memory that no recorded call explains; private to this address space. */
  readonly #implicit: MemoryObject;
  /** False once the last process using it is gone. */
  alive = true;

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly newSerial: () => number,
  ) {
    this.#implicit = { kind: "private", serial: newSerial() };
  }

  map(first: bigint, length: bigint, vma: Vma): void {
    this.#ranges.set(first, first + length - 1n, vma);
  }

  unmap(first: bigint, length: bigint): void {
    if (length > 0n) this.#ranges.set(first, first + length - 1n, HOLE);
  }

  /** Changes the protection of recorded and unrecorded memory in the range. */
  protect(first: bigint, length: bigint, prot: number): void {
    if (length === 0n) return;
    const last = first + length - 1n;
    let at = first;
    for (const range of this.#ranges.overlapping(first, last)) {
      const start = range.first < first ? first : range.first;
      const end = range.last > last ? last : range.last;
      if (at < start) this.#protectImplicit(at, start - 1n, prot);
      if (range.value !== HOLE) {
        const offset = range.value.offset + (start - range.first);
        this.#ranges.set(start, end, { ...range.value, offset, prot });
      }
      at = end + 1n;
    }
    if (at <= last) this.#protectImplicit(at, last, prot);
  }

  /** The byte at `address`, or undefined where nothing is mapped. */
  locate(address: bigint): MemoryLocation | undefined {
    const range = this.#ranges.find(address);
    if (range === undefined) return this.#locateImplicit(address);
    const vma = range.value;
    if (vma === HOLE) return undefined;
    return {
      object: vma.object,
      offset: vma.offset + (address - range.first),
      writable: (vma.prot & PROT_WRITE) !== 0,
      readable: vma.prot !== 0,
      shared: vma.shared,
      run_bytes: range.last - address + 1n,
    };
  }

  isReadable(address: bigint, length: bigint): boolean {
    return this.#every(address, length, (location) => location.readable);
  }

  isWritable(address: bigint, length: bigint): boolean {
    return this.#every(address, length, (location) => location.writable);
  }

  /** Recorded mappings, ascending; holes are left out. */
  vmas(): { first: bigint; last: bigint; vma: Vma }[] {
    const found: { first: bigint; last: bigint; vma: Vma }[] = [];
    for (const { first, last, value } of this.#ranges.ranges()) {
      if (value !== HOLE) found.push({ first, last, vma: value });
    }
    return found;
  }

  /** The part of the recorded mappings that `first..last` covers. */
  vmasIn(first: bigint, last: bigint): { first: bigint; last: bigint; vma: Vma }[] {
    const found: { first: bigint; last: bigint; vma: Vma }[] = [];
    for (const range of this.#ranges.overlapping(first, last)) {
      if (range.value === HOLE) continue;
      found.push({ first: range.first, last: range.last, vma: range.value });
    }
    return found;
  }

  /** A forked child's address space: shared memory stays identical, private memory is copied. */
  fork(serial: number): AddressSpace {
    const child = new AddressSpace(serial, this.newSerial);
    const copies = new Map<MemoryObject, MemoryObject>();
    for (const { first, last, value } of this.#ranges.ranges()) {
      if (value === HOLE || value.shared) {
        child.#ranges.set(first, last, value);
        continue;
      }
      let copy = copies.get(value.object);
      if (copy === undefined) {
        copy = { ...value.object, serial: this.newSerial() };
        copies.set(value.object, copy);
      }
      child.#ranges.set(first, last, { ...value, object: copy });
    }
    return child;
  }

  #every(address: bigint, length: bigint, test: (location: MemoryLocation) => boolean): boolean {
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

  #locateImplicit(address: bigint): MemoryLocation | undefined {
    if (address < MMAP_MIN_ADDR || address >= TASK_SIZE) return undefined;
    const next = this.#ranges.overlapping(address, TASK_SIZE)[0];
    const end = next === undefined || next.first > TASK_SIZE ? TASK_SIZE : next.first;
    return {
      object: this.#implicit,
      offset: address,
      writable: true,
      readable: true,
      shared: false,
      run_bytes: end - address,
    };
  }

  #protectImplicit(first: bigint, last: bigint, prot: number): void {
    this.#ranges.set(first, last, { object: this.#implicit, offset: first, prot, shared: false });
  }
}

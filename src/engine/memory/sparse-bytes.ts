import { Fnv1a64 } from "./fnv1a.js";
import { OFFSET_MAX } from "./offset.js";
import { RangeMap } from "./range-map.js";

/** A run of bytes that were stored, or the statement that nobody knows them. */
type Run = { readonly bytes: Uint8Array; readonly at: number } | "unknown";

/** What one memory object may take up; beyond it, its contents are given up. */
const STORED_BYTES_MAX = 16 << 20;
/** What keeping one run costs besides its bytes, roughly. */
const RUN_OVERHEAD_BYTES = 128;

export class RunMap extends RangeMap<Run> {
  protected override shift(run: Run, delta: bigint): Run {
    return run === "unknown" ? run : { bytes: run.bytes, at: run.at + Number(delta) };
  }

  protected override joins(one: Run, other: Run): boolean {
    return one === "unknown" && other === "unknown";
  }
}

/**
 * Contents of memory as far as a trace tells them: stored runs, unknown runs, and zeros where
 * nothing was stored. It costs as much room as was stored, whatever the size of the memory; more
 * than a limit is not kept: then everything is unknown until it is cleared.
 */
export class SparseBytes {
  private readonly _runs = new RunMap();
  /** Stored since the runs were last counted, in bytes. */
  private stored_bytes = 0;

  /** Stored runs with their bytes, and unknown ones without, ascending; between them is zero. */
  *runs(): Generator<{ first: bigint; last: bigint; bytes: Uint8Array | undefined }, undefined> {
    for (const { first, last, value } of this._runs.ranges()) {
      const length = Number(last - first) + 1;
      const bytes =
        value === "unknown" ? undefined : value.bytes.subarray(value.at, value.at + length);
      yield { first, last, bytes };
    }
  }

  /** Stores a copy of `bytes` at `offset`. */
  write(offset: bigint, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    const run = { bytes: bytes.slice(), at: 0 };
    this._runs.set(offset, offset + BigInt(bytes.length) - 1n, run);
    this.stored_bytes += bytes.length + RUN_OVERHEAD_BYTES;
    if (this.stored_bytes > STORED_BYTES_MAX) this.recount();
  }

  /** Overwritten runs are gone: only what is left counts. */
  private recount(): void {
    this.stored_bytes = 0;
    for (const { first, last, value } of this._runs.ranges()) {
      if (value !== "unknown") this.stored_bytes += Number(last - first) + 1 + RUN_OVERHEAD_BYTES;
    }
    if (this.stored_bytes <= STORED_BYTES_MAX / 2) return;
    this.forget(0n, OFFSET_MAX);
    this.stored_bytes = 0;
  }

  /** From now on nobody knows what `first..last` holds. */
  forget(first: bigint, last: bigint): void {
    const known = this._runs.find(first);
    if (known !== undefined && known.value === "unknown" && known.last >= last) return;
    if (first <= last) this._runs.set(first, last, "unknown");
  }

  /** `first..last` is zero. */
  clear(first: bigint, last: bigint): void {
    if (first <= last) this._runs.delete(first, last);
  }

  /** The bytes, or undefined where any of them is unknown. Costs O(length). */
  read(offset: bigint, length: number): Uint8Array | undefined {
    const result = new Uint8Array(length);
    if (length === 0) return result;
    const last = offset + BigInt(length) - 1n;
    for (const { first, last: end, value } of this._runs.overlapping(offset, last)) {
      if (value === "unknown") return undefined;
      const skipped = first < offset ? offset - first : 0n;
      const until = end > last ? last : end;
      const from = value.at + Number(skipped);
      const size = Number(until - (first + skipped)) + 1;
      result.set(value.bytes.subarray(from, from + size), Number(first + skipped - offset));
    }
    return result;
  }

  /** FNV-1a 64 over bytes `0..length-1`; undefined where any of them is unknown. */
  fnv1a64(length: bigint): string | undefined {
    const hash = new Fnv1a64();
    let at = 0n;
    if (length === 0n) return hash.digest();
    for (const { first, last, value } of this._runs.overlapping(0n, length - 1n)) {
      if (value === "unknown") return undefined;
      hash.updateZeros(first - at);
      const until = last >= length ? length - 1n : last;
      hash.update(value.bytes.subarray(value.at, value.at + Number(until - first) + 1));
      at = until + 1n;
    }
    hash.updateZeros(length - at);
    return hash.digest();
  }

  clone(): SparseBytes {
    const copy = new SparseBytes();
    copy._runs.copyFrom(this._runs);
    copy.stored_bytes = this.stored_bytes;
    return copy;
  }
}

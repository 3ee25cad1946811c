/**
 * Memory inside a device, as far as the trace tells: DMA into the device fills it, DMA out of it
 * brings it to RAM. A byte nobody has told about is unknown, never guessed.
 */
export class DeviceMemory {
  readonly #bytes: Uint8Array;
  readonly #known: Uint8Array;

  constructor(readonly length_bytes: number) {
    this.#bytes = new Uint8Array(length_bytes);
    this.#known = new Uint8Array(length_bytes);
  }

  /** Stores bytes; undefined makes the range unknown. What lies outside is dropped. */
  write(offset: number, length_bytes: number, data: Uint8Array | undefined): void {
    const first = Math.min(Math.max(offset, 0), this.length_bytes);
    const end = Math.max(first, Math.min(offset + length_bytes, this.length_bytes));
    this.#known.fill(data === undefined ? 0 : 1, first, end);
    if (data !== undefined) this.#bytes.set(data.subarray(first - offset, end - offset), first);
  }

  /** The bytes of a range, or undefined where one of them is not known. */
  find(offset: number, length_bytes: number): Uint8Array | undefined {
    const end = offset + length_bytes;
    if (offset < 0 || end > this.length_bytes) return undefined;
    if (this.#known.subarray(offset, end).includes(0)) return undefined;
    return this.#bytes.slice(offset, end);
  }
}

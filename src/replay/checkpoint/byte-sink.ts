/** Bytes that grow while they are written, and the same read again. */

const FIRST_BYTES = 64 * 1024;
/** The longest varint of a number below 2^53. */
const VARINT_BYTES_MAX = 8;
const SEVEN_BITS = 128;
const INT32_MAX = 0x7fff_ffff;

export class ByteSink {
  private bytes = Buffer.allocUnsafe(FIRST_BYTES);
  private view = viewOf(this.bytes);
  private at = 0;

  /** What was written, as long as nothing more is. */
  written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  byte(value: number): void {
    if (this.at === this.bytes.length) this.grow(1);
    this.bytes[this.at++] = value;
  }

  /** A whole number from 0 to 2^53 - 1, seven bits a byte. */
  varint(value: number): void {
    if (this.at + VARINT_BYTES_MAX > this.bytes.length) this.grow(VARINT_BYTES_MAX);
    const { bytes } = this;
    let rest = value;
    while (rest > INT32_MAX) {
      bytes[this.at++] = (rest % SEVEN_BITS) + SEVEN_BITS;
      rest = Math.floor(rest / SEVEN_BITS);
    }
    while (rest >= SEVEN_BITS) {
      bytes[this.at++] = (rest & 0x7f) | 0x80;
      rest >>= 7;
    }
    bytes[this.at++] = rest;
  }

  double(value: number): void {
    if (this.at + 8 > this.bytes.length) this.grow(8);
    this.view.setFloat64(this.at, value, true);
    this.at += 8;
  }

  u64(value: bigint): void {
    if (this.at + 8 > this.bytes.length) this.grow(8);
    this.view.setBigUint64(this.at, value, true);
    this.at += 8;
  }

  private grow(needed: number): void {
    const larger = Buffer.allocUnsafe(Math.max(this.bytes.length * 2, this.at + needed));
    larger.set(this.written());
    this.bytes = larger;
    this.view = viewOf(larger);
  }
}

/** Reads what a sink wrote; behind the end it reads zeros, and `isAtEnd` tells. */
export class ByteSource {
  private readonly view: DataView;
  private at = 0;

  constructor(private readonly bytes: Buffer) {
    this.view = viewOf(bytes);
  }

  get isAtEnd(): boolean {
    return this.at === this.bytes.length;
  }

  byte(): number {
    return this.bytes[this.at++] ?? 0;
  }

  varint(): number {
    const { bytes } = this;
    let value = 0;
    let scale = 1;
    for (;;) {
      const byte = bytes[this.at++] ?? 0;
      if (byte < SEVEN_BITS) return value + byte * scale;
      value += (byte & 0x7f) * scale;
      scale *= SEVEN_BITS;
    }
  }

  double(): number {
    this.at += 8;
    return this.view.getFloat64(this.at - 8, true);
  }

  u64(): bigint {
    this.at += 8;
    return this.view.getBigUint64(this.at - 8, true);
  }
}

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

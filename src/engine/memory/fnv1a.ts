/** FNV-1a, 64 bits, in two 32-bit halves: bigint arithmetic would cost a hundred times as much. */

const OFFSET_HIGH = 0xcbf29ce4;
const OFFSET_LOW = 0x84222325;
const PRIME = 0x100000001b3n;
/** The prime is 2^40 + this. */
const PRIME_LOW = 0x1b3;
const TWO_32 = 0x1_0000_0000;
const MASK_64 = 0xffff_ffff_ffff_ffffn;

export class Fnv1a64 {
  private high = OFFSET_HIGH;
  private low = OFFSET_LOW;

  update(bytes: Uint8Array): void {
    let high = this.high;
    let low = this.low;
    for (const byte of bytes) {
      low = (low ^ byte) >>> 0;
      const product = low * PRIME_LOW;
      high = (Math.imul(high, PRIME_LOW) + Math.floor(product / TWO_32) + (low << 8)) >>> 0;
      low = product >>> 0;
    }
    this.high = high;
    this.low = low;
  }

  /** The same as `update` with `count` zero bytes, in O(log count). */
  updateZeros(count: bigint): void {
    let factor = 1n;
    let power = PRIME;
    for (let rest = count; rest > 0n; rest >>= 1n) {
      if ((rest & 1n) === 1n) factor = (factor * power) & MASK_64;
      power = (power * power) & MASK_64;
    }
    const value = (((BigInt(this.high) << 32n) | BigInt(this.low)) * factor) & MASK_64;
    this.high = Number(value >> 32n);
    this.low = Number(value & 0xffff_ffffn);
  }

  /** 16 lower-case hex digits. */
  digest(): string {
    return this.high.toString(16).padStart(8, "0") + this.low.toString(16).padStart(8, "0");
  }
}

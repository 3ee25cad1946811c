import { describe, expect, test } from "vitest";
import { SparseBytes } from "../../src/engine/memory/sparse-bytes.js";
import { describeContents } from "../../src/replay/state/describe-contents.js";

function memory(...writes: readonly [offset: bigint, bytes: readonly number[]][]): SparseBytes {
  const bytes = new SparseBytes();
  for (const [offset, values] of writes) bytes.write(offset, new Uint8Array(values));
  return bytes;
}

const contents = (bytes: SparseBytes, length = 0x1000n) => describeContents(bytes, length);

describe("contents of memory in a state document", () => {
  test("are the same however they came", () => {
    const whole = contents(memory([4n, [1, 2, 3]]));
    expect(contents(memory([5n, [2, 3]], [4n, [1]]))).toEqual(whole);
    expect(contents(memory([4n, [9, 9, 9]], [4n, [1, 2, 3]]))).toEqual(whole);
    expect(contents(memory([4n, [1, 2, 3]], [9n, [0, 0]]))).toEqual(whole);
    expect(contents(memory([4n, [1, 2, 4]]))).not.toEqual(whole);
    expect(contents(memory([5n, [1, 2, 3]]))).not.toEqual(whole);
  });

  test("that are zero are nothing", () => {
    expect(contents(memory([7n, [0, 0, 0]]))).toEqual(contents(new SparseBytes()));
  });

  test("behind the end do not count", () => {
    expect(contents(memory([2n, [1, 2, 3]]), 3n)).toEqual(contents(memory([2n, [1]]), 3n));
  });

  test("that nobody knows are said to be unknown, with their range", () => {
    const bytes = memory([0n, [1]]);
    bytes.forget(0x10n, 0x1fn);
    bytes.forget(0x20n, 0xffffn);
    expect(contents(bytes)["unknown"]).toEqual(["0x10..0xfff"]);
    expect(contents(bytes)["contents"]).toBe(contents(memory([0n, [1]]))["contents"]);
  });
});

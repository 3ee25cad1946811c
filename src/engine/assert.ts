/** A failed assertion is a bug in lutrace: never a property of the trace, never an errno. */
export class AssertionError extends Error {
  override readonly name = "AssertionError";
}

/** Throws AssertionError when an invariant of the program does not hold. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new AssertionError(message);
}

/** Marks a place the types already rule out; throws AssertionError when reached. */
export function unreachable(value: never): never {
  throw new AssertionError(`unreachable value ${String(value)}`);
}

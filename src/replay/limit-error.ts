import { describeProblem, type Place } from "./trace-error.js";

/**
 * A stated resource limit was hit. The input may be fine: what was read before the limit counts,
 * the rest was not looked at. Exit status 3.
 */
export class LimitError extends Error {
  override readonly name = "LimitError";

  /**
   * @param limit What is limited, with its unit, such as `line_bytes`.
   * @param value The limit that was hit.
   */
  constructor(
    readonly limit: string,
    readonly value: number,
    problem: string,
    readonly where: Place = {},
  ) {
    super(describeProblem(problem, where));
  }
}

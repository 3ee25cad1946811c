/** Where in the input something is wrong, and what to do about it. */
export interface Place {
  readonly file?: string | undefined;
  /** Line number, from 1. */
  readonly line?: number | undefined;
  /** Dotted path of the field inside the line. */
  readonly field?: string | undefined;
  readonly hint?: string | undefined;
}

/** Bad input: says which file, which line, which field, what was expected and what to do. */
export class TraceError extends Error {
  override readonly name = "TraceError";

  constructor(
    readonly problem: string,
    readonly where: Place = {},
  ) {
    super(describeProblem(problem, where));
  }

  /** The same problem with more of its place filled in. */
  at(where: Place): TraceError {
    return new TraceError(this.problem, { ...where, ...definedOf(this.where) });
  }
}

/** One line: `file, line N: field a.b: problem (hint)`. */
export function describeProblem(problem: string, where: Place): string {
  const place = [where.file, where.line === undefined ? undefined : `line ${where.line}`]
    .filter((part) => part !== undefined)
    .join(", ");
  const field = where.field === undefined ? "" : `field ${where.field}: `;
  const hint = where.hint === undefined ? "" : ` (${where.hint})`;
  return `${place === "" ? "" : `${place}: `}${field}${problem}${hint}`;
}

function definedOf(where: Place): Place {
  return Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
}

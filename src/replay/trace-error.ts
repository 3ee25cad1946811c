/** Bad input: says which file, which line, which field, what was expected and what to do. */
export class TraceError extends Error {
  override readonly name = "TraceError";

  constructor(
    readonly problem: string,
    readonly where: {
      readonly file?: string | undefined;
      /** Line number, from 1. */
      readonly line?: number | undefined;
      /** Dotted path of the field inside the line. */
      readonly field?: string | undefined;
      readonly hint?: string | undefined;
    } = {},
  ) {
    super(describe(problem, where));
  }

  /** The same problem with more of its place filled in. */
  at(where: TraceError["where"]): TraceError {
    return new TraceError(this.problem, { ...where, ...definedOf(this.where) });
  }
}

function describe(problem: string, where: TraceError["where"]): string {
  const place = [where.file, where.line === undefined ? undefined : `line ${where.line}`]
    .filter((part) => part !== undefined)
    .join(", ");
  const field = where.field === undefined ? "" : `field ${where.field}: `;
  const hint = where.hint === undefined ? "" : ` (${where.hint})`;
  return `${place === "" ? "" : `${place}: `}${field}${problem}${hint}`;
}

function definedOf(where: TraceError["where"]): TraceError["where"] {
  return Object.fromEntries(Object.entries(where).filter(([, value]) => value !== undefined));
}

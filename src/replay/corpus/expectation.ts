/** What a trace of the corpus is expected to give: the file X.expect.json beside X.ndjson. */

import { readFile } from "node:fs/promises";
import * as z from "zod";
import { PROFILES, type ProfileId } from "../../engine/profile/index.js";
import { TraceError } from "../trace-error.js";

const expectedFinding = z.strictObject({
  rule: z.string(),
  seq: z.int().min(0),
  /** Compared only where it is stated. */
  objects: z.array(z.string()).optional(),
});

const callCounts = z.strictObject({
  total: z.int().min(0),
  predicted: z.int().min(0),
  diverged: z.int().min(0),
  unmodelled: z.int().min(0),
  /** Absent: none, as in most traces. */
  unrecorded: z.int().min(0).optional(),
});

/** Only what is stated is compared, so that a hand-written expectation can say just its point. */
const expectation = z.strictObject({
  /** What the trace is about; free text, kept by `corpus update`. */
  description: z.string().optional(),
  /** Overrides the profile of the trace's header. */
  profile: z.enum(Object.keys(PROFILES) as [ProfileId, ...ProfileId[]]).optional(),
  findings: z.array(expectedFinding).optional(),
  /** Hash of the state after the last event. */
  stateHash: z.string().optional(),
  calls: callCounts.optional(),
});

export type Expectation = z.output<typeof expectation>;
export type ExpectedFinding = z.output<typeof expectedFinding>;

/** What a trace gave. */
export interface CorpusResult {
  readonly findings: readonly ExpectedFinding[];
  readonly stateHash: string;
  readonly calls: z.output<typeof callCounts>;
}

/**
 * Reads an expectation; undefined when there is none.
 *
 * @throws TraceError when the file is no expectation.
 */
export async function readExpectation(path: string): Promise<Expectation | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw error;
  }
  return parseExpectation(text, path);
}

export function parseExpectation(text: string, file: string): Expectation {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    throw new TraceError("not JSON", { file, hint: "lutrace corpus update rewrites it" });
  }
  const parsed = expectation.safeParse(json);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new TraceError(issue?.message ?? "not an expectation", {
    file,
    field: issue?.path.join("."),
    hint: "see traces/README.md",
  });
}

/**
 * The text of an expectation: what the trace gave, with what only a person can say. An expectation
 * that stated only a part goes on stating that part. The objects of a finding are written down only
 * where a person did so before: their numbers change with the model.
 */
export function expectationText(result: CorpusResult, old: Expectation | undefined): string {
  const withObjects = (old?.findings ?? []).filter(({ objects }) => objects !== undefined);
  const findings = result.findings.map(({ rule, seq, objects }) => {
    const keep = withObjects.some((other) => other.rule === rule && other.seq === seq);
    return keep ? { rule, seq, objects } : { rule, seq };
  });
  const states = (key: keyof CorpusResult): boolean => old === undefined || old[key] !== undefined;
  const document = {
    description: old?.description,
    profile: old?.profile,
    findings: states("findings") ? findings : undefined,
    stateHash: states("stateHash") ? result.stateHash : undefined,
    calls: states("calls") ? result.calls : undefined,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

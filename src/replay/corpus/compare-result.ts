import type { CorpusResult, Expectation, ExpectedFinding } from "./expectation.js";

/** One way in which a trace gave something else than expected. */
export interface CorpusDifference {
  readonly kind: "missing_finding" | "unexpected_finding" | "state_hash" | "calls";
  readonly what: string;
  readonly expected: string;
  readonly got: string;
}

/** Compares what the expectation states with what the trace gave. */
export function compareResult(expected: Expectation, got: CorpusResult): CorpusDifference[] {
  const found: CorpusDifference[] = [];
  if (expected.findings !== undefined) found.push(...compareFindings(expected.findings, got));
  if (expected.calls !== undefined) {
    for (const [name, value] of Object.entries(expected.calls)) {
      const other = got.calls[name as keyof typeof got.calls];
      if (value === other) continue;
      found.push({ kind: "calls", what: `calls ${name}`, expected: `${value}`, got: `${other}` });
    }
  }
  if (expected.stateHash !== undefined && expected.stateHash !== got.stateHash) {
    found.push({
      kind: "state_hash",
      what: "state hash",
      expected: expected.stateHash,
      got: got.stateHash,
    });
  }
  return found;
}

/** Findings as a multiset: order does not matter, and each is matched once. */
function compareFindings(
  expected: readonly ExpectedFinding[],
  got: CorpusResult,
): CorpusDifference[] {
  const left = [...got.findings];
  const found: CorpusDifference[] = [];
  for (const finding of expected) {
    const index = left.findIndex((other) => sameFinding(finding, other));
    if (index >= 0) left.splice(index, 1);
    else {
      const what = findingText(finding);
      found.push({ kind: "missing_finding", what, expected: "found", got: "not found" });
    }
  }
  for (const finding of left) {
    const what = findingText(finding);
    found.push({ kind: "unexpected_finding", what, expected: "none", got: "found" });
  }
  return found;
}

function sameFinding(expected: ExpectedFinding, got: ExpectedFinding): boolean {
  if (expected.rule !== got.rule || expected.seq !== got.seq) return false;
  const { objects } = expected;
  return objects === undefined || objects.join("\0") === (got.objects ?? []).join("\0");
}

function findingText({ rule, seq, objects }: ExpectedFinding): string {
  const about = objects === undefined ? "" : ` about ${objects.join(", ")}`;
  return `${rule} at #${seq}${about}`;
}

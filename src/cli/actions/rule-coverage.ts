/** What `lutrace rules --coverage` does. */

import type { Rule } from "../../checkers/rule.js";
import { findTraces } from "../../replay/corpus/find-traces.js";
import type { FailedTrace } from "../../report/check-report.js";
import { coverageReport } from "../../report/rule-coverage/coverage-report.js";
import { coverageText } from "../../report/rule-coverage/coverage-text.js";
import { type JudgedTrace, judgedTrace } from "../../report/rule-coverage/judged-traces.js";
import { type ExitStatus, worstStatus } from "../exit-status.js";
import { failureOf, reportFailure } from "../failure.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import { noTraces } from "../many/inputs.js";
import type { Format } from "../options.js";
import { UsageError } from "../usage-error.js";

/** Says what the traces below a folder exercise of these rules. */
export async function ruleCoverage(
  rules: readonly Rule[],
  folder: string,
  format: Format,
  io: CliIo,
): Promise<ExitStatus> {
  const found = await findTraces(folder);
  if (found.traces.length === 0) throw new UsageError(noTraces(folder));
  const traces: JudgedTrace[] = [];
  const errors: FailedTrace[] = [];
  const statuses: ExitStatus[] = [];
  for (const trace of found.traces) {
    try {
      traces.push(await judgedTrace(trace));
    } catch (error) {
      errors.push({ path: trace.path, message: failureOf(error, trace.path).message });
      statuses.push(await reportFailure(error, io, trace.path));
    }
  }
  const report = coverageReport({ folder, traces, rules, errors });
  if (format === "json") await writeJson(io.out, report);
  else await io.out.write(coverageText(report, styleFor(io)));
  return worstStatus(statuses);
}

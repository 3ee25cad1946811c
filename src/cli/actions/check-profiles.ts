/** What `lutrace check` does when it is given several profiles. */

import type { ProfileId } from "../../engine/profile/index.js";
import type { EventLines } from "../../report/check-text.js";
import { fetchEventLines, RecentEvents } from "../../report/event-lines.js";
import { type ComparedResult, checkProfiles } from "../../report/side-by-side/check-profiles.js";
import { seqsToShow } from "../../report/side-by-side/findings-text.js";
import { type ComparedTrace, profilesReport } from "../../report/side-by-side/profiles-report.js";
import { profilesClosingLine, profilesText } from "../../report/side-by-side/profiles-text.js";
import type { ProfilesTextOptions } from "../../report/side-by-side/text-options.js";
import { EXIT, type ExitStatus, worstStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import { expandInputs } from "../many/inputs.js";
import type { ShardArgs } from "../many/many-options.js";
import type { FailOn, Format } from "../options.js";
import { eachTrace, openFor, type TraceOptions } from "../traces.js";
import { UsageError } from "../usage-error.js";

const FINDINGS_MAX = 20;
const CALLS_MAX = 25;
/** Events of a pipe that are kept, to show what a finding refers to. */
const RECENT_EVENTS = 20_000;

export interface CheckProfilesArgs extends TraceOptions, ShardArgs {
  readonly trace: readonly string[];
  readonly format: Format;
  readonly "fail-on": FailOn;
  readonly timing: boolean;
}

/** Judges every trace under each of the profiles. */
export async function checkUnder(
  profiles: readonly ProfileId[],
  args: CheckProfilesArgs,
  io: CliIo,
): Promise<ExitStatus> {
  if (args.timing) throw new UsageError("--timing measures one profile; give --profile once");
  if (args.shard !== undefined) {
    throw new UsageError("--shard divides work under one profile; give --profile once");
  }
  const paths = (await expandInputs(args.trace)).map(({ path }) => path);
  const isTable = args.format === "table";
  const options = { style: styleFor(io), findings_max: FINDINGS_MAX, calls_max: CALLS_MAX };
  let separator = "";
  const { results, failures, status } = await eachTrace(paths, args, io, {
    run: async (source, on_progress) => {
      // What has no size is no file: it cannot be read a second time.
      const isPipe = source.bytes_total === undefined;
      const recent = isTable && isPipe ? new RecentEvents(RECENT_EVENTS) : undefined;
      const listener = recent === undefined ? {} : { listener: recent.add.bind(recent) };
      const result = await checkProfiles(source, { profiles, on_progress, ...listener });
      return { ...result, recent };
    },
    show: async ({ trace, recent }) => {
      if (!isTable) return;
      const lines = await linesOf(trace, recent, options, args, io);
      await io.out.write(separator + profilesText(trace, lines, options));
      separator = "\n";
    },
  });
  const traces = results.map(({ trace }) => trace);
  if (!isTable) await writeJson(io.out, profilesReport(profiles, traces, failures));
  else if (paths.length > 1) await io.out.write(profilesClosingLine(profiles, traces));
  return worstStatus([status, ...results.map((result) => statusOf(result, args["fail-on"]))]);
}

async function linesOf(
  trace: ComparedTrace,
  recent: RecentEvents | undefined,
  options: ProfilesTextOptions,
  args: TraceOptions,
  io: CliIo,
): Promise<EventLines> {
  const seqs = seqsToShow(trace, options);
  return recent?.lines(seqs) ?? (await fetchEventLines(() => openFor(trace.path, args, io), seqs));
}

/** The worst of all profiles; a call with another answer counts as info. */
function statusOf({ trace }: ComparedResult, failOn: FailOn): ExitStatus {
  const found = trace.runs.some(({ summary }) => {
    const { error, warning, info } = summary;
    const counted = { error, warning: error + warning, info: error + warning + info, never: 0 };
    return counted[failOn] > 0;
  });
  const parted = failOn === "info" && trace.calls.length > 0;
  return found || parted ? EXIT.found : EXIT.ok;
}

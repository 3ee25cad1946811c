/** What `lutrace synth` does. */

import type { ProfileId } from "../../engine/profile/index.js";
import { printable } from "../../replay/printable.js";
import {
  SCENARIOS,
  type ScenarioPlan,
  scenarioName,
  tellScenario,
} from "../../replay/scenario/catalogue/index.js";
import { scenarioHeader } from "../../replay/scenario/scenario-text.js";
import { compose } from "../../replay/scenario/synth/compose.js";
import { rulesBroken } from "../../replay/scenario/synth/fault-kind.js";
import { FAULTS } from "../../replay/scenario/synth/faults.js";
import {
  parseFault,
  SynthError,
  type SynthOptions,
  synthOptions,
} from "../../replay/scenario/synth/options.js";
import { type TraceContents, writeTrace, writeTraceFile } from "../../replay/writer.js";
import { counted } from "../../report/number-text.js";
import { renderTable } from "../../report/table.js";
import { EXIT, type ExitStatus } from "../exit-status.js";
import { type CliIo, styleFor, writeJson } from "../io.js";
import type { Format } from "../options.js";
import { streamOf } from "../output-stream.js";
import { Progress } from "../progress.js";
import { suggestion } from "../suggest.js";
import { UsageError } from "../usage-error.js";
import { tellWritten } from "../written.js";

export interface SynthArgs {
  readonly scenario: string | undefined;
  readonly profile: ProfileId | undefined;
  readonly seed: string | undefined;
  readonly vms: number | undefined;
  readonly devices: number | undefined;
  readonly memory: string | undefined;
  readonly dma: number | undefined;
  readonly updates: number | undefined;
  /** Faults with commas between them. */
  readonly fault: string | undefined;
  readonly events: number | undefined;
  readonly output: string | undefined;
  readonly list: boolean | undefined;
  readonly progress: boolean;
  readonly format: Format;
}

export async function synth(args: SynthArgs, io: CliIo): Promise<ExitStatus> {
  if (args.list === true) return await list(args.format, io);
  if (args.fault === "list") return await listFaults(args.format, io);
  const told = args.scenario === undefined ? composition(args) : catalogued(args.scenario, args);
  const { trace, note } = told;
  const { output = "-", events } = args;
  const progress = new Progress(io, args.progress);
  let written_events = 0;
  const on_progress = (done: number): void => {
    written_events = done;
    progress.update();
  };
  await progress.startEvents({
    path: printable(output),
    events_total: events ?? 0,
    events_written: () => written_events,
  });
  const gzip = output.endsWith(".gz");
  const written = await (output === "-"
    ? writeTrace(trace, streamOf(io.out), { on_progress })
    : writeTraceFile(trace, output, { gzip, on_progress })
  ).finally(() => progress.stop());
  if (note !== undefined) await io.err.write(`${note}\n`);
  await tellWritten(written, output, io);
  return EXIT.ok;
}

/** What was asked for, and what should be said about it. */
interface Told {
  readonly trace: TraceContents;
  readonly note?: string;
}

/** Options that only compositions have. */
const COMPOSING = [
  "seed",
  "vms",
  "devices",
  "memory",
  "dma",
  "updates",
  "fault",
  "events",
] as const;

function catalogued(scenario: string, args: SynthArgs): Told {
  const senseless = COMPOSING.find((name) => args[name] !== undefined);
  if (senseless !== undefined) {
    throw new UsageError(`--${senseless} is for compositions; a scenario is what it is`);
  }
  const variants = variantsOf(scenario);
  const { profile: wanted } = args;
  const plan = variants.find(({ profiles }) => wanted === undefined || profiles.includes(wanted));
  if (plan === undefined) {
    const others = [...new Set(variants.flatMap(({ profiles }) => profiles))].join(", ");
    throw new UsageError(`${scenario} is not told under ${wanted}, only under ${others}`);
  }
  const profile = wanted ?? plan.profiles[0] ?? "p2";
  const tale = tellScenario(plan, profile);
  const trace = { header: scenarioHeader(tale), batches: () => [tale.events] };
  const others = variants.filter((one) => one !== plan).map(scenarioName);
  if (others.length === 0) return { trace };
  const name = scenarioName(plan);
  return { trace, note: `this is ${name} under ${profile}; others: ${others.join(", ")}` };
}

/** The scenario with this name, or all variants of the one with this id. */
function variantsOf(text: string): readonly ScenarioPlan[] {
  const named = SCENARIOS.filter((plan) => scenarioName(plan) === text || plan.slug === text);
  if (named.length > 0) return named;
  const variants = SCENARIOS.filter(({ id }) => id === text.toUpperCase());
  if (variants.length > 0) return variants;
  const known = SCENARIOS.flatMap((plan) => [plan.id, scenarioName(plan)]);
  throw new UsageError(
    `no scenario ${text}${suggestion(text, known)}; lutrace synth --list names them`,
  );
}

function composition(args: SynthArgs): Told {
  const { profile, seed, vms, devices, dma, updates, events } = args;
  try {
    const faults = args.fault?.split(",").map(parseFault);
    const memory_bytes = args.memory === undefined ? undefined : bytesOf(args.memory);
    const stated = { profile, seed, vms, devices, dma, updates, events, faults, memory_bytes };
    return { trace: compose(synthOptions(withoutUndefined(stated))) };
  } catch (error) {
    if (error instanceof SynthError) throw new UsageError(error.message);
    throw error;
  }
}

function withoutUndefined(
  stated: {
    readonly [K in keyof SynthOptions]?: SynthOptions[K] | undefined;
  },
): Partial<SynthOptions> {
  return Object.fromEntries(Object.entries(stated).filter(([, value]) => value !== undefined));
}

const MIB = 0x10_0000n;
const UNITS: Readonly<Record<string, bigint>> = { M: MIB, G: 1024n * MIB, T: 1024n * 1024n * MIB };

function bytesOf(text: string): bigint {
  const match = /^(\d{1,9})([MGT])$/i.exec(text);
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ""];
  if (match?.[1] === undefined || unit === undefined) {
    throw new UsageError(`--memory needs a size such as 512M, 4G or 1T, not ${text}`);
  }
  return BigInt(match[1]) * unit;
}

const TITLE_COLUMNS = 60;
const RULES_COLUMNS = 46;

async function list(format: Format, io: CliIo): Promise<ExitStatus> {
  const scenarios = SCENARIOS.map((plan) => ({
    id: plan.id,
    name: scenarioName(plan),
    title: plan.title,
    shows: plan.shows,
    profiles: plan.profiles,
    findings: plan.profiles.map((profile) => ({ profile, rules: rulesOf(plan, profile) })),
  }));
  if (format === "json") {
    await writeJson(io.out, { version: 1, scenarios, faults: faults() });
    return EXIT.ok;
  }
  const told = scenarios.map(({ name, profiles, title }) => [name, profiles.join(" "), title]);
  const columns = [{ title: "scenario" }, { title: "profiles" }, titled("what happens")];
  await io.out.write(`${renderTable(columns, told, styleFor(io))}\n\n`);
  await io.out.write(`${faultTable(io)}\n\n`);
  const counts = `${counted(SCENARIOS.length, "scenario")}, ${counted(FAULTS.length, "fault")}`;
  await io.out.write(`${counts}\n`);
  return EXIT.ok;
}

async function listFaults(format: Format, io: CliIo): Promise<ExitStatus> {
  if (format === "json") await writeJson(io.out, { version: 1, faults: faults() });
  else await io.out.write(`${faultTable(io)}\n\n${counted(FAULTS.length, "fault")}\n`);
  return EXIT.ok;
}

function faults() {
  return FAULTS.map((kind) => {
    const { id, summary, profiles, steps } = kind;
    const rules = profiles.map((profile) => ({ profile, rules: rulesBroken(kind, profile) }));
    return { id, summary, profiles, steps, rules };
  });
}

function faultTable(io: CliIo): string {
  const broken = FAULTS.map((kind) => [
    kind.id,
    [...new Set(kind.profiles.flatMap((id) => rulesBroken(kind, id)))].join(" ") || "none",
    [kind.summary, ...(kind.steps ? [`Steps: ${kind.steps.join(", ")}.`] : [])].join(" "),
  ]);
  const heads = [{ title: "fault" }, { title: "breaks", width_columns: RULES_COLUMNS }];
  return renderTable([...heads, titled("what goes wrong")], broken, styleFor(io));
}

function titled(title: string) {
  return { title, width_columns: TITLE_COLUMNS };
}

function rulesOf(plan: ScenarioPlan, profile: ProfileId): string[] {
  return [...new Set(tellScenario(plan, profile).expected.map(({ rule }) => rule))];
}

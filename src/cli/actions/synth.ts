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
import { suggestion } from "../suggest.js";
import { UsageError } from "../usage-error.js";

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
  readonly format: Format;
}

export async function synth(args: SynthArgs, io: CliIo): Promise<ExitStatus> {
  if (args.list === true) return await list(args.format, io);
  const trace = contentsOf(args);
  const { output = "-" } = args;
  const gzip = output.endsWith(".gz");
  const { events } =
    output === "-"
      ? await writeTrace(trace, streamOf(io.out))
      : await writeTraceFile(trace, output, { gzip });
  const where = output === "-" ? "" : ` to ${printable(output)}`;
  await io.err.write(`wrote ${counted(events, "event")}${where}\n`);
  return EXIT.ok;
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

function contentsOf(args: SynthArgs): TraceContents {
  if (args.scenario === undefined) return composition(args);
  const senseless = COMPOSING.find((name) => args[name] !== undefined);
  if (senseless !== undefined) {
    throw new UsageError(`--${senseless} is for compositions; a scenario is what it is`);
  }
  const plan = planOf(args.scenario);
  const profile = args.profile ?? plan.profiles[0] ?? "p2";
  if (!plan.profiles.includes(profile)) {
    const others = plan.profiles.join(", ");
    throw new UsageError(
      `${scenarioName(plan)} is not told under ${profile}, only under ${others}`,
    );
  }
  const tale = tellScenario(plan, profile);
  return { header: scenarioHeader(tale), batches: () => [tale.events] };
}

/** The scenario with this name, or with this id where it has no variants. */
function planOf(text: string): ScenarioPlan {
  const named = SCENARIOS.filter(
    (plan) => scenarioName(plan) === text || plan.slug === text || plan.id === text.toUpperCase(),
  );
  const [first] = named;
  if (first === undefined) {
    const known = SCENARIOS.flatMap((plan) => [plan.id, scenarioName(plan)]);
    throw new UsageError(
      `no scenario ${text}${suggestion(text, known)}; lutrace synth --list names them`,
    );
  }
  if (named.length === 1 || named.every((plan) => plan.id !== text.toUpperCase())) return first;
  const names = named.map(scenarioName).join(", ");
  throw new UsageError(`${text} has variants: ${names}`);
}

function composition(args: SynthArgs): TraceContents {
  const { profile, seed, vms, devices, dma, updates, events } = args;
  try {
    const faults = args.fault?.split(",").map(parseFault);
    const memory_bytes = args.memory === undefined ? undefined : bytesOf(args.memory);
    const stated = { profile, seed, vms, devices, dma, updates, events, faults, memory_bytes };
    return compose(synthOptions(withoutUndefined(stated)));
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

const UNITS: Readonly<Record<string, bigint>> = { M: 0x10_0000n, G: 0x4000_0000n };

function bytesOf(text: string): bigint {
  const match = /^(\d{1,9})([MG])$/i.exec(text);
  const unit = UNITS[match?.[2]?.toUpperCase() ?? ""];
  if (match?.[1] === undefined || unit === undefined) {
    throw new UsageError(`--memory needs a size such as 512M or 4G, not ${text}`);
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
  const faults = FAULTS.map((kind) => {
    const { id, summary, profiles, steps } = kind;
    const rules = profiles.map((profile) => ({ profile, rules: rulesBroken(kind, profile) }));
    return { id, summary, profiles, steps, rules };
  });
  if (format === "json") {
    await writeJson(io.out, { version: 1, scenarios, faults });
    return EXIT.ok;
  }
  const style = styleFor(io);
  const told = scenarios.map(({ name, profiles, title }) => [name, profiles.join(" "), title]);
  const columns = [{ title: "scenario" }, { title: "profiles" }, titled("what happens")];
  await io.out.write(`${renderTable(columns, told, style)}\n\n`);
  const broken = FAULTS.map((kind) => [
    kind.id,
    [...new Set(kind.profiles.flatMap((id) => rulesBroken(kind, id)))].join(" ") || "none",
    [kind.summary, ...(kind.steps ? [`Steps: ${kind.steps.join(", ")}.`] : [])].join(" "),
  ]);
  const heads = [{ title: "fault" }, { title: "breaks", width_columns: RULES_COLUMNS }];
  const table = renderTable([...heads, titled("what goes wrong")], broken, style);
  await io.out.write(`${table}\n\n`);
  const counts = `${counted(SCENARIOS.length, "scenario")}, ${counted(FAULTS.length, "fault")}`;
  await io.out.write(`${counts}\n`);
  return EXIT.ok;
}

function titled(title: string) {
  return { title, width_columns: TITLE_COLUMNS };
}

function rulesOf(plan: ScenarioPlan, profile: ProfileId): string[] {
  return [...new Set(tellScenario(plan, profile).expected.map(({ rule }) => rule))];
}

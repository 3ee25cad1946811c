import { defineCommand } from "../command.js";
import {
  formatOption,
  NUMBER,
  profileId,
  progressOption,
  RESULT,
  wholeNumber,
} from "../options.js";

const STORY = "Story:";

export const synthCommand = defineCommand({
  positionals: "[scenario]",
  description: `Makes a synthetic trace. Nothing is recorded: the emulated kernel answers each \
call, so that the trace holds results like a recording. Either one scenario of the catalogue \
(docs/scenarios.md), by its id or its name, or a composition of VMs, devices, updates and \
faults. The same command always gives the same bytes; the trace's header says which command \
made it. --list shows the scenarios and the faults.`,
  build: (yargs) =>
    progressOption(formatOption(yargs))
      .positional("scenario", {
        type: "string",
        describe:
          "Scenario of the catalogue by its id or name, such as S13 (the first variant told under" +
          " the profile); without one a composition is made",
      })
      .option("profile", {
        type: "string",
        group: STORY,
        requiresArg: true,
        describe: "Kernel or series that answers; default: p2, or the first of the scenario's",
        coerce: profileId,
      })
      .option("seed", {
        type: "string",
        group: STORY,
        requiresArg: true,
        describe: 'Any text; decides all that is left open (default "0")',
      })
      .option("vms", count("vms", 1, "VMs on the machine (default 1)"))
      .option("devices", count("devices", 0, "Devices of each VM (default 1; luo73: 0)"))
      .option("memory", {
        type: "string",
        group: STORY,
        requiresArg: true,
        describe: "Memory of each VM, in units of M, G or T, a multiple of 2M (default 1G)",
      })
      .option("dma", count("dma", 0, "Load: turns of each VM in each phase (default 8)"))
      .option("updates", count("updates", 0, "Live updates, one after another (default 1)"))
      .option("fault", {
        type: "string",
        group: STORY,
        requiresArg: true,
        describe:
          "What goes wrong in the last update: kind, kind@step or kind@vm2; several, each in" +
          " another VM, with commas; list shows the kinds",
      })
      .option("events", count("events", 1, "Goes on with load until the trace has N events"))
      .option("output", {
        alias: "o",
        type: "string",
        group: RESULT,
        requiresArg: true,
        describe: "File to write (gzip if it ends in .gz); default: stdout",
      })
      .option("list", {
        type: "boolean",
        group: RESULT,
        describe: "List scenarios and faults with the rules they break",
      })
      .example("$0 synth S13 | lutrace check -", "A VM whose memory was forgotten")
      .example("$0 synth --vms 3 --updates 2 -o ok.ndjson", "A clean host")
      .example("$0 synth --fault crash@bind --seed 7", "A VMM dies in its restore")
      .example("$0 synth --events 10000000 -o big.gz", "A large trace"),
  run: async (args, io) => (await import("../actions/synth.js")).synth(args, io),
});

function count(name: string, minimum: number, describe: string) {
  return {
    ...NUMBER,
    group: STORY,
    requiresArg: true,
    describe,
    coerce: (text: string | undefined) => wholeNumber(name, text, minimum),
  } as const;
}

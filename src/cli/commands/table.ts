/** The commands, in the order of `lutrace --help`. Only this table is loaded at start. */

import type { CommandEntry } from "../command.js";

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: "check",
    summary: "Which rule was broken, by whom, since when, and which events caused it",
    load: async () => (await import("./check.js")).checkCommand,
  },
  {
    name: "replay",
    summary: "Predict every call from the emulated kernel and compare with the record",
    load: async () => (await import("./replay.js")).replayCommand,
  },
  {
    name: "diff",
    summary: "How the states of two traces differ, matched by what objects are",
    load: async () => (await import("./diff.js")).diffCommand,
  },
  {
    name: "state",
    summary: "The state of the machine at the end of a trace, or after one event",
    load: async () => (await import("./state.js")).stateCommand,
  },
  {
    name: "import",
    summary: "Turn a recording into a native trace (NDJSON)",
    load: async () => (await import("./import.js")).importCommand,
  },
  {
    name: "synth",
    summary: "Make a synthetic trace: a scenario, or VMs with updates and faults",
    load: async () => (await import("./synth.js")).synthCommand,
  },
  {
    name: "corpus",
    summary: "Check a folder of traces against their expected results",
    children: [
      {
        name: "run",
        summary: "Check every trace against the X.expect.json beside it",
        load: async () => (await import("./corpus-run.js")).corpusRunCommand,
      },
      {
        name: "merge",
        summary: "Put the shards of a run together",
        load: async () => (await import("./corpus-merge.js")).corpusMergeCommand,
      },
      {
        name: "update",
        summary: "Rewrite the expectations and show what changed",
        load: async () => (await import("./corpus-update.js")).corpusUpdateCommand,
      },
      {
        name: "list",
        summary: "List the traces with what they expect",
        load: async () => (await import("./corpus-list.js")).corpusListCommand,
      },
    ],
  },
  {
    name: "rules",
    summary: "List the rules of check, with severity and profiles",
    load: async () => (await import("./rules.js")).rulesCommand,
  },
  {
    name: "explain",
    summary: "Explain one rule: what it says, why it matters, what to do",
    load: async () => (await import("./explain.js")).explainCommand,
  },
  {
    name: "ops",
    summary: "List the modelled operations, what is missing, what is taken from the trace",
    load: async () => (await import("./ops.js")).opsCommand,
  },
  {
    name: "profiles",
    summary: "List the kernels and patch series whose behaviour can be chosen",
    load: async () => (await import("./profiles.js")).profilesCommand,
  },
];

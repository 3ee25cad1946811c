import { defineCommand } from "../command.js";
import { formatOption } from "../options.js";

export const opsCommand = defineCommand({
  positionals: "",
  description: `Lists the ioctl operations of the emulated kernel: how much of each is \
modelled, and which outputs are taken from the trace because nothing in a \
trace decides them, with the reason.`,
  build: (yargs) =>
    formatOption(yargs)
      .option("not-full", {
        type: "boolean",
        default: false,
        describe: "Only operations that are modelled in part or not at all",
      })
      .example("$0 ops --not-full", "Where lutrace knows less than the kernel"),
  run: async (args, io) => (await import("../actions/ops.js")).ops(args, io),
});

import { defineCommand } from "../command.js";
import { formatOption } from "../options.js";

export const profilesCommand = defineCommand({
  positionals: "",
  description: `Lists the profiles. A profile is a kernel or a posted patch series where they \
differ: what PRESERVE_FD accepts, what stays possible afterwards, how domains \
come back, what FINISH demands. A trace's header may name one; --profile \
overrides it.`,
  build: (yargs) => formatOption(yargs),
  run: async (args, io) => (await import("../actions/profiles.js")).profiles(args, io),
});

import { defineCommand } from "../command.js";
import { formatOption, profileId } from "../options.js";

export const profilesCommand = defineCommand({
  positionals: "[profile..]",
  description: `Lists the profiles. A profile is a kernel or a posted patch series where they \
differ: what PRESERVE_FD accepts, what stays possible afterwards, how domains \
come back, what FINISH demands. A trace's header may name one; --profile \
overrides it. With one profile: all that is known of it, with sources. With \
two or more: in what they differ.`,
  build: (yargs) =>
    formatOption(yargs)
      .positional("profile", {
        type: "string",
        array: true,
        describe: "Profile to show, or two or more to compare",
        coerce: (words: readonly string[] | undefined) =>
          (words ?? []).flatMap((word) => profileId(word) ?? []),
      })
      .example("$0 profiles p2", "All that p2 says, with sources")
      .example("$0 profiles p1v5 p2", "What the second can that the first cannot"),
  run: async (args, io) => (await import("../actions/profiles.js")).profiles(args, io),
});

import { defineCommand } from "../command.js";
import { manyOptions, shardOption } from "../many/many-options.js";
import { failOnOption, formatOption, profilesOption, tracePositional } from "../options.js";

export const checkCommand = defineCommand({
  positionals: "<trace..>",
  description: `Runs the rules over each trace and prints what was broken, most severe first: \
the event at which it broke, the earlier events that prove it, and the \
findings that caused it. A call the kernel refused changes nothing and is at \
most a warning; a call it accepted although the profile forbids it is an \
error. With several profiles: what holds under all of them, and where the verdicts \
part.`,
  build: (yargs) =>
    shardOption(
      manyOptions(
        failOnOption(
          formatOption(profilesOption(tracePositional(yargs, "Traces, folders, patterns"))),
          "Lowest severity of a finding that makes the exit status 1",
        ),
      ),
    )
      .option("timing", {
        type: "boolean",
        default: false,
        describe: "Say on stderr what each stage and rule cost",
      })
      .example("$0 check vm7.ndjson.gz", "Everything that is wrong with one update")
      .example("$0 check --profile p2 vm7.ndjson", "Judge by a posted series")
      .example("$0 check --profile p1v5,p2 t.ndjson", "What would another kernel say?")
      .example("$0 check --format json - < t.ndjson", "One JSON document, for a script")
      .example("$0 check --fail-on warning traces", "In CI: warnings fail the job too"),
  run: async ({ profile: profiles = [], ...args }, io) => {
    const [profile, ...others] = profiles;
    if (others.length === 0) {
      return (await import("../actions/check.js")).check({ ...args, profile }, io);
    }
    return (await import("../actions/check-profiles.js")).checkUnder(profiles, args, io);
  },
});

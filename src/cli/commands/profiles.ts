import { PROFILES } from "../../engine/profile/index.js";
import { renderTable } from "../../report/table.js";
import { defineCommand } from "../command.js";
import { EXIT } from "../exit-status.js";
import { styleFor, writeJson } from "../io.js";
import { formatOption } from "../options.js";

export const profiles = defineCommand({
  positionals: "",
  description: `Lists the profiles. A profile is a kernel or a posted patch series where they differ: what
PRESERVE_FD accepts, what stays possible afterwards, how domains come back, what FINISH
demands. A trace's header may name one; --profile overrides it.`,
  build: (yargs) => formatOption(yargs),
  run: async (args, io) => {
    const list = Object.values(PROFILES).map(({ id, title, source }) => ({ id, title, source }));
    if (args.format === "json") {
      await writeJson(io.out, { version: 1, profiles: list });
      return EXIT.ok;
    }
    const rows = list.map(({ id, title, source }) => [id, title, source]);
    const columns = [{ title: "profile" }, { title: "what it is" }, { title: "source" }];
    await io.out.write(`${renderTable(columns, rows, styleFor(io))}\n`);
    return EXIT.ok;
  },
});

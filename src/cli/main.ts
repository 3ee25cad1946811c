/** The program: the command line of this process. */

import { processIo } from "./io.js";
import { runCli } from "./run.js";

// Not process.exit: what was written to a pipe would be lost.
process.exitCode = await runCli(process.argv.slice(2), processIo());

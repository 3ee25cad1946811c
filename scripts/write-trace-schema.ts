/** Writes docs/trace-format.schema.json; a test fails when it is out of step. */

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { traceFormatSchemaText } from "../src/replay/format-schema.js";

const target = join(import.meta.dirname, "..", "docs", "trace-format.schema.json");
writeFileSync(target, traceFormatSchemaText());

/** A process of its own for one way over one file; prints its peak memory in bytes. */

import { WAYS, type WayName } from "./ways.js";

const [way = "", path = ""] = process.argv.slice(2);
await WAYS[way as WayName](path);
const BYTES_PER_KIB = 1024;
process.stdout.write(String(process.resourceUsage().maxRSS * BYTES_PER_KIB));

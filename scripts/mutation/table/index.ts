/** All mutations, in the order of the rules. */

import type { Mutation, OutOfReach } from "../mutation.js";
import { API } from "./api.js";
import { CMP } from "./cmp.js";
import { DMA } from "./dma.js";
import { IMM } from "./imm.js";
import { LEAK } from "./leak.js";
import { OWN } from "./own.js";
import { SES } from "./ses.js";
import { TRACE } from "./trace.js";

export const MUTATIONS: readonly Mutation[] = [
  ...[...OWN, ...IMM, ...LEAK, ...CMP],
  ...[...DMA, ...SES, ...API, ...TRACE],
];

export const OUT_OF_REACH: readonly OutOfReach[] = [];

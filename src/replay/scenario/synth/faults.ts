/** The faults that can be put into a composition. */

import type { FaultKind } from "./fault-kind.js";
import { ARRIVAL_FAULTS } from "./faults-arrival.js";
import { PRESERVE_FAULTS } from "./faults-preserve.js";
import { RESTORE_FAULTS } from "./faults-restore.js";

export const FAULTS: readonly FaultKind[] = [
  ...PRESERVE_FAULTS,
  ...ARRIVAL_FAULTS,
  ...RESTORE_FAULTS,
];

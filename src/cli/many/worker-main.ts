/** Entry of a worker process: answers one task after the other. */

import { runTask } from "./run-task.js";
import type { Task } from "./task.js";
import type { FromWorker } from "./worker-messages.js";

/** What was read since the last word about progress. */
const PROGRESS_BYTES = 4 * 1024 * 1024;

process.on("message", async (task: Task) => {
  let told_bytes = 0;
  const answer = await runTask(task, {
    on_progress: (bytes_read) => {
      if (bytes_read - told_bytes < PROGRESS_BYTES) return;
      told_bytes = bytes_read;
      say({ bytes_read });
    },
  });
  say({ answer });
});

// Whoever started this process is gone: nobody waits for the answer.
process.on("disconnect", () => process.exit());

function say(message: FromWorker<unknown>): void {
  process.send?.(message);
}

import { openTrace } from "../../replay/source.js";
import { corpusResult } from "../../report/corpus-trace.js";
import { checkFile } from "../check/check-file.js";
import { failureOf } from "../failure.js";
import type { Answer, CheckTask, CorpusTask, Task, TaskHooks } from "./task.js";

/** Works on one trace. It never throws: what goes wrong is the answer. */
export async function runTask(task: Task, hooks: TaskHooks): Promise<Answer<unknown>> {
  try {
    return { result: isCheck(task) ? await checkFile(task, hooks) : await corpusFile(task, hooks) };
  } catch (error) {
    return { failure: failureOf(error, task.path) };
  }
}

function isCheck(task: Task): task is CheckTask {
  return task.settings.command === "check";
}

async function corpusFile({ path, settings }: CorpusTask, hooks: TaskHooks): Promise<unknown> {
  const source = await openTrace(path, {});
  await hooks.on_open?.(source);
  return await corpusResult(source, {
    profile: settings.profile,
    on_progress: () => hooks.on_progress?.(source.bytes_read()),
  });
}

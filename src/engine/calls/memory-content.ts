import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import { FilePages } from "../memory/file-pages.js";
import { memfdAt } from "../memory/memfd-fd.js";
import type { MemoryObject } from "../memory/memory-object.js";
import type { Process } from "../process/process.js";

/** A run of bytes in one memory object. */
interface Run {
  readonly object: MemoryObject;
  readonly offset: bigint;
  readonly length_bytes: number;
}

/**
 * A program looked at memory: what the model says it holds, where the model knows every byte. What
 * it found is known from now on.
 */
export function memoryContent(machine: Machine, event: EventOf<"memory_content">): Outcome {
  const process = machine.process(event.pid);
  const call = new Call(machine, process, event);
  const { data } = event;
  if (data === undefined) {
    call.unjudged();
    return call;
  }
  const runs = runsOf(process, event, data.length);
  const known = contentOf(runs, data.length);
  if (known === undefined) call.unjudged();
  else call.data = known;
  learn(runs, data);
  return call;
}

/** Where the first `length_bytes` bytes lie that the program looked at. */
function runsOf(
  process: Process,
  { fd, offset, user_va }: EventOf<"memory_content">,
  length_bytes: number,
): Run[] {
  if (user_va !== undefined) {
    return process.mm.pieces(user_va, BigInt(length_bytes)).map(({ first, last, vma }) => ({
      object: vma.object,
      offset: vma.offset,
      length_bytes: Number(last - first) + 1,
    }));
  }
  const memfd = fd === undefined ? undefined : memfdAt(process, fd)?.memfd;
  if (memfd === undefined || offset === undefined) return [];
  return [{ object: memfd.pages, offset, length_bytes }];
}

function contentOf(runs: readonly Run[], length: number): Uint8Array | undefined {
  const found = new Uint8Array(length);
  let at = 0;
  for (const { object, offset, length_bytes } of runs) {
    const bytes =
      object instanceof FilePages
        ? object.read(offset, length_bytes)
        : object.contents?.read(offset, length_bytes);
    if (bytes === undefined) return undefined;
    found.set(bytes, at);
    at += length_bytes;
  }
  return at === length ? found : undefined;
}

function learn(runs: readonly Run[], data: Uint8Array): void {
  let at = 0;
  for (const { object, offset, length_bytes } of runs) {
    const known = !(object instanceof FilePages) || !object.untracked;
    if (known) object.contents?.write(offset, data.subarray(at, at + length_bytes));
    at += length_bytes;
  }
}

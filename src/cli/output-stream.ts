import { Writable } from "node:stream";
import type { Output } from "./io.js";

/** An output as a stream, for what writes to streams. Ending it leaves the output open. */
export function streamOf(output: Output): Writable {
  return new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      output.write(chunk).then(() => done(), done);
    },
  });
}

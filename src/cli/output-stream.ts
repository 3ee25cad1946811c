import { Writable } from "node:stream";
import type { Output } from "./io.js";

/**
 * An output as a stream, for what writes to streams. Ending it leaves the output open; when its
 * reader has gone it fails with EPIPE, so that nobody goes on to write for nobody.
 */
export function streamOf(output: Output): Writable {
  return new Writable({
    write: (chunk: Uint8Array, _encoding, done) => {
      output.write(chunk).then(() => {
        const gone = output.isReaderGone?.() === true;
        done(gone ? Object.assign(new Error("the reader has gone"), { code: "EPIPE" }) : undefined);
      }, done);
    },
  });
}

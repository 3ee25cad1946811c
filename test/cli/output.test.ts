import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { outputOf } from "../../src/cli/io.js";

/** A stream whose writes fail as the operating system lets them fail. */
function failing(code: string): Writable {
  return new Writable({
    write: (_chunk, _encoding, done) => {
      done(Object.assign(new Error(code), { code, syscall: "write" }));
    },
  });
}

test("a reader that has gone is no error", async () => {
  const output = outputOf(failing("EPIPE"), "standard output");
  await output.write("first");
  await expect(output.write("second")).resolves.toBeUndefined();
});

test("a full disk is an error that names the output", async () => {
  const output = outputOf(failing("ENOSPC"), "standard output");
  await expect(output.write("text")).rejects.toMatchObject({
    code: "ENOSPC",
    path: "standard output",
  });
});

test("a write waits until the stream has taken it", async () => {
  const taken: string[] = [];
  const slow = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      setTimeout(() => {
        taken.push(chunk.toString());
        done();
      }, 1);
    },
  });
  await outputOf(slow, "standard output").write("text");
  expect(taken).toEqual(["text"]);
});

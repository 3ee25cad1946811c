import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { EXIT, worstStatus } from "../../src/cli/exit-status.js";
import { failureOf } from "../../src/cli/failure.js";
import { bugsUrl } from "../../src/cli/version.js";
import { AssertionError } from "../../src/engine/assert.js";
import { LimitError } from "../../src/replay/limit-error.js";
import { TraceError } from "../../src/replay/trace-error.js";
import { controlCharacters } from "../support/control-characters.js";

describe("exit status of a run over several traces", () => {
  test("is the most serious one", () => {
    expect(worstStatus([])).toBe(0);
    expect(worstStatus([EXIT.ok, EXIT.found, EXIT.ok])).toBe(1);
    expect(worstStatus([EXIT.limit, EXIT.found])).toBe(3);
    expect(worstStatus([EXIT.limit, EXIT.unusable, EXIT.found])).toBe(2);
    expect(worstStatus([EXIT.unusable, EXIT.bug])).toBe(70);
  });
});

describe("every way to fail", () => {
  test("bad input names file, line, field and hint", () => {
    const error = new TraceError("expected a number", {
      line: 7,
      field: "fd",
      hint: "see the docs",
    });
    expect(failureOf(error, "t.ndjson")).toMatchObject({
      message: "t.ndjson, line 7: field fd: expected a number (see the docs)",
      status: 2,
    });
  });

  test("a limit is status 3", () => {
    const failure = failureOf(new LimitError("events", 10, "more than 10 events"), "t.ndjson");
    expect(failure).toMatchObject({ message: "t.ndjson: more than 10 events", status: 3 });
  });

  test("a file that is not there is no bug", () => {
    const error = Object.assign(new Error("ENOENT: no such file"), {
      code: "ENOENT",
      syscall: "open",
      path: "/tmp/x",
    });
    expect(failureOf(error)).toMatchObject({
      message: "/tmp/x: no such file or directory",
      status: 2,
    });
  });

  test.each([new AssertionError("users went below 1"), new TypeError("undefined is no function")])(
    "%s is a bug and says how to report it",
    (error) => {
      const { message, status } = failureOf(error, "t.ndjson");
      expect(status).toBe(70);
      expect(message).toContain("bug in lutrace");
      expect(message).toContain("report");
      expect(message).not.toContain("\n");
    },
  );

  test("a bug is reported where the package says, and nowhere if it says nothing", () => {
    expect(bugsUrl({ bugs: { url: "https://example.org/bugs" } })).toBe("https://example.org/bugs");
    expect(bugsUrl({ bugs: "https://example.org/bugs" })).toBe("https://example.org/bugs");
    expect(bugsUrl({})).toBeUndefined();
    const { bugs } = JSON.parse(readFileSync("package.json", "utf8")) as { bugs?: { url: string } };
    const { message } = failureOf(new AssertionError("users went below 1"));
    expect(message.match(/https?:[^ ]*/)?.[0]).toBe(bugs?.url);
  });

  test("text of a trace cannot act on the terminal", () => {
    const { message } = failureOf(
      new TraceError("unknown type \u001b[31mred\u001b[0m\nsecond line"),
    );
    expect(controlCharacters(message)).toEqual([]);
    expect(message).not.toContain("\n");
    expect(message).toContain("\\x1b");
  });
});

import { expect, test } from "vitest";
import { jsonText } from "../../src/cli/json-text.js";
import { lutrace } from "./run-lutrace.js";

const HOSTILE = "a\u009b31mb\u202ec\u200bd\u{e0041}e\u001bf\ud800g\u2028";

test("JSON shows nothing that a terminal acts on, and means the same", () => {
  const value = { [HOSTILE]: [HOSTILE, 1, null], plain: "café ✓ 漢" };
  const text = jsonText(value);
  expect(JSON.parse(text)).toEqual(value);
  expect(text).not.toMatch(/[\u007f-\u009f\u200b-\u200f\u2028-\u202e]|\u{e0041}/u);
  expect(text).toContain("a\\u009b31mb\\u202ec\\u200bd\\udb40\\udc41e\\u001bf\\ud800g\\u2028");
  expect(text).toContain("café ✓ 漢");
});

test("the state of a trace with such names is safe to show", async () => {
  const args = `"in":{"size":72,"fd":0,"name":"vm\\u009b2J\\u202e"}`;
  const lines = [
    '{"lutrace":1,"profile":"luo73"}',
    '{"seq":1,"type":"open","pid":7,"path":"/dev/liveupdate","flags":2,"ret":3}',
    `{"seq":2,"type":"ioctl","op":"LIVEUPDATE_IOCTL_CREATE_SESSION","pid":7,"fd":3,${args}}`,
  ];
  const stdin = `${lines.join("\n")}\n`;
  for (const argv of [
    ["state", "-", "--format", "json"],
    ["state", "-"],
    ["check", "-"],
  ]) {
    const { out, status } = await lutrace(argv, { stdin });
    expect(status).toBe(0);
    expect(out).not.toMatch(/[\u0080-\u009f\u202e]/);
  }
});

import { describe, expect, test } from "vitest";
import { sendsBeforeReceives } from "../../../src/replay/recorder/send-order.js";

const RIGHTS = [{ fd: 3, path: "memfd:ram" }];

function line(seq: number, ev: string, pid: number, ts: number, ts_end: number, rights = RIGHTS) {
  const scm = ev.endsWith("msg") ? { scm_rights: rights } : {};
  return { line: { seq, ev, pid, ts, ts_end, ...scm }, seq, time: ts_end };
}

const orderOf = (lines: readonly { line: Record<string, unknown>; seq: number }[]) =>
  lines.map(({ line, seq }) => [seq, line["ev"], line["pid"]]);

describe("descriptors in flight", () => {
  test("are sent before they are received, though the sender's line is late", () => {
    const lines = [
      line(0, "open", 1, 0, 5),
      line(1, "recvmsg", 2, 1, 20),
      line(2, "ioctl", 2, 21, 22),
      line(3, "sendmsg", 1, 10, 30),
    ];
    expect(orderOf(sendsBeforeReceives(lines))).toEqual([
      [0, "open", 1],
      [1, "sendmsg", 1],
      [2, "recvmsg", 2],
      [3, "ioctl", 2],
    ]);
  });

  test("never pass a line of the sender, nor one that ended before the send began", () => {
    const lines = [
      line(0, "recvmsg", 2, 0, 5),
      line(1, "recvmsg", 2, 6, 12),
      line(2, "close", 1, 11, 13),
      line(3, "sendmsg", 1, 14, 20),
    ];
    expect(orderOf(sendsBeforeReceives(lines))).toEqual(orderOf(lines));
  });

  test("are what counts: messages without any stay where they are", () => {
    const lines = [line(0, "recvmsg", 2, 1, 20), line(1, "sendmsg", 1, 10, 30, [])];
    expect(orderOf(sendsBeforeReceives(lines))).toEqual(orderOf(lines));
  });
});

/** Calls whose answers are not in the trace: counted apart, and told of when they all fail. */

import { describe, expect, test } from "vitest";
import { lutrace } from "../cli/run-lutrace.js";

const HEADER = '{"lutrace":1,"profile":"p2"}';
const START = '{"seq":1,"type":"process_start","pid":72,"comm":"vmm"}';

function open(seq: number, result = ""): string {
  return `{"seq":${seq},"type":"open","pid":72,"path":"/dev/iommu","flags":2${result}}`;
}

function alloc(seq: number, fd: number, result = ""): string {
  const call = `"type":"ioctl","op":"IOMMU_IOAS_ALLOC","pid":72,"fd":${fd}`;
  const args = '"in":{"size":12,"flags":0,"out_ioas_id":0}';
  return `{"seq":${seq},${call},${args}${result}}`;
}

function trace(...lines: string[]): string {
  return `${[HEADER, START, ...lines].join("\n")}\n`;
}

async function checked(stdin: string): Promise<Record<string, unknown>> {
  const document = (await lutrace(["check", "-", "--format", "json"], { stdin })).json();
  return (document["traces"] as Record<string, unknown>[])[0] ?? {};
}

async function replayed(stdin: string): Promise<Record<string, unknown>> {
  const document = (await lutrace(["replay", "-", "--format", "json"], { stdin })).json();
  return (document["traces"] as Record<string, unknown>[])[0] ?? {};
}

const MISTAKEN = trace(open(2), alloc(3, 5), alloc(4, 5));
const DOUBT =
  "2 of 3 calls without a recorded result fail in the model, so what they were to do did not" +
  " happen; the first is #3 IOMMU_IOAS_ALLOC (EBADF, descriptor 5 of pid 72 is not open)";

describe("calls without a recorded result", () => {
  test("are no predictions", async () => {
    const calls = { total: 2, predicted: 0, diverged: 0, unmodelled: 0, unrecorded: 2 };
    const { byOp, ...found } = await replayed(trace(open(2), alloc(3, 3)));
    expect(found).toMatchObject({ calls, reasons: [] });
    expect(byOp).toMatchObject({ IOMMU_IOAS_ALLOC: { total: 1, predicted: 0, unrecorded: 1 } });
    const { out } = await lutrace(["replay", "-"], { stdin: trace(open(2), alloc(3, 3)) });
    expect(out).toContain("0 of 0 calls predicted, 0 diverged, 0 unmodelled, 2 unrecorded");
  });

  test("that succeed are counted and raise no doubt", async () => {
    expect(await checked(trace(open(2), alloc(3, 3)))).toMatchObject({
      verdict: "pass",
      unrecorded: 2,
      reasons: [],
    });
  });

  test("of which most fail make the verdict unknown", async () => {
    expect(await checked(MISTAKEN)).toMatchObject({
      verdict: "unknown",
      unrecorded: 3,
      reasons: [DOUBT],
    });
    expect(await replayed(MISTAKEN)).toMatchObject({ reasons: [DOUBT] });
    const { out } = await lutrace(["check", "-"], { stdin: MISTAKEN });
    expect(out).toContain(`not certain: ${DOUBT}`);
    expect(out).toContain("3 calls without a recorded result");
  });

  test("of which one fails may be meant so", async () => {
    const once = trace(open(2), alloc(3, 3), alloc(4, 5));
    expect(await checked(once)).toMatchObject({ verdict: "pass", unrecorded: 3 });
  });
});

test("calls with a result are not unrecorded, whatever it is", async () => {
  const result = ',"ret":-1,"errno":"EBADF"';
  const recorded = trace(open(2, ',"ret":3'), alloc(3, 5, result), alloc(4, 5, result));
  expect(await checked(recorded)).toMatchObject({ verdict: "pass", unrecorded: 0, reasons: [] });
  const jump = '{"seq":2,"type":"reboot","pid":72,"cmd":"kexec","never_returned":true}';
  expect(await checked(trace(jump))).toMatchObject({ unrecorded: 0 });
});

test("a trace without events is nothing to pass", async () => {
  const empty = { verdict: "unknown", events: 0, reasons: ["the trace holds no events"] };
  expect(await checked(`${HEADER}\n`)).toMatchObject(empty);
  const { out } = await lutrace(["check", "-", "--profile", "p2,seed"], { stdin: `${HEADER}\n` });
  expect(out).toContain("not certain under seed: the trace holds no events");
});

test("several profiles at once doubt as one does", async () => {
  const argv = ["check", "-", "--profile", "p2,seed"];
  const { out } = await lutrace(argv, { stdin: MISTAKEN });
  expect(out).toContain(`not certain under seed: ${DOUBT}`);
});

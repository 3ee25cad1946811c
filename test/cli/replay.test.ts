import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { lutrace } from "./run-lutrace.js";
import {
  nothingWrong,
  preservesTwice,
  preservesTwiceAndGetsAwayWithIt,
  StoryFolder,
} from "./story-file.js";

const folder = new StoryFolder();
let clean = "";
let refused = "";
let diverging = "";

beforeAll(async () => {
  clean = await folder.write("clean.ndjson", nothingWrong);
  refused = await folder.write("refused.ndjson", preservesTwice);
  diverging = await folder.write("diverging.ndjson", (scenario) => {
    preservesTwiceAndGetsAwayWithIt(scenario);
    const vmm = scenario.start("vmm");
    const iommufd = vmm.open("/dev/iommu");
    for (const id of [7, 8]) vmm.destroy(iommufd, id, { kernel: "EBUSY" });
  });
});

afterAll(() => folder.remove());

interface Replayed {
  readonly traces: readonly {
    readonly stateHash: string;
    readonly calls: Readonly<Record<string, number>>;
    readonly byOp: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly adopted: Readonly<Record<string, Readonly<Record<string, number>>>>;
    readonly divergences: readonly Record<string, unknown>[];
    readonly divergencesLeftOut: number;
  }[];
}

const replayed = async (...argv: readonly string[]) => {
  const ran = await lutrace(["replay", "--format", "json", ...argv]);
  const { traces } = ran.json() as unknown as Replayed;
  return { status: ran.status, traces };
};

describe("the document of replay", () => {
  test("counts every call that is predicted", async () => {
    const { status, traces } = await replayed(clean, refused);
    expect(status).toBe(0);
    for (const { calls, byOp, divergences } of traces) {
      expect(calls["total"]).toBeGreaterThan(3);
      expect(calls["predicted"]).toBe(calls["total"]);
      expect(divergences).toEqual([]);
      const sum = Object.values(byOp).reduce((total, op) => total + (op["total"] ?? 0), 0);
      expect(sum).toBe(calls["total"]);
    }
  });

  test("names each divergence with prediction and record", async () => {
    const { status, traces } = await replayed(diverging);
    expect(status).toBe(1);
    const [trace] = traces;
    expect(trace?.calls["diverged"]).toBe(3);
    expect(trace?.divergences).toMatchObject([
      {
        op: "LIVEUPDATE_SESSION_PRESERVE_FD",
        field: "errno",
        predicted: "EBUSY",
        observed: "none",
      },
      { op: "IOMMU_DESTROY", field: "errno", predicted: "ENOENT", observed: "EBUSY" },
      { op: "IOMMU_DESTROY", field: "errno", predicted: "ENOENT", observed: "EBUSY" },
    ]);
  });

  test("keeps no more divergences than it is told, and counts them all", async () => {
    const { traces } = await replayed("--max-divergences", "1", diverging);
    expect(traces[0]?.divergences).toHaveLength(1);
    expect(traces[0]?.divergencesLeftOut).toBe(2);
    expect(traces[0]?.calls["diverged"]).toBe(3);
  });

  test("says what was taken from the trace", async () => {
    const { traces } = await replayed(clean);
    expect(traces[0]?.adopted["memfd_create"]).toEqual({ ret: 1 });
  });

  test("the state hash is the one that state prints", async () => {
    const { traces } = await replayed(refused);
    const { out } = await lutrace(["state", refused]);
    expect(out).toContain(`state hash ${traces[0]?.stateHash}`);
  });

  test("divergences can be made to count for nothing", async () => {
    expect((await replayed("--fail-on", "never", diverging)).status).toBe(0);
  });
});

describe("the text of replay", () => {
  test("shows the first call of each kind in full, and all kinds in a table", async () => {
    const { out, err, status } = await lutrace(["replay", diverging]);
    expect(status).toBe(1);
    expect(err).toBe("");
    expect(out).toMatch(
      /diverging\.ndjson: \d+ of \d+ calls predicted \(\d+\.\d\d %\), 3 diverged/,
    );
    expect(out).toMatch(/#\d+ pid \d+: IOMMU_DESTROY\(fd \d+, id 7\) = -1 EBUSY\n/);
    expect(out).toMatch(/\n {4}errno: predicted ENOENT {2}\(.*\)\n {11}observed {2}EBUSY\n/);
    // The second destroy is of the same kind.
    expect(out).not.toContain("id 8");
    expect(out).toMatch(/\n +2 {2}IOMMU_DESTROY +errno +ENOENT +EBUSY +#\d+/);
  });

  test("says 100 % only when it is all", async () => {
    expect((await lutrace(["replay", clean])).out).toContain("(100 %)");
  });
});

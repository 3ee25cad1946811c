/**
 * A divergence as a kernel developer reads it: call, prediction, check, and the state behind it.
 */

import { expect, test } from "vitest";
import type { IoctlEvent } from "../../src/engine/event/index.js";
import { ReplayAccount } from "../../src/replay/replay.js";
import { DivergenceKinds } from "../../src/report/divergence-kinds.js";
import { accountParts } from "../../src/report/replay-report.js";
import { replayText } from "../../src/report/replay-text.js";
import { PLAIN } from "../../src/report/style.js";
import { iommufd, PAGE, RW } from "../engine/iommufd/ioas-kernel.js";

const MAPPED = 0x10_0000n;

/** The text about one call, made after a page was mapped. */
function textAbout(op: string, parts: Partial<IoctlEvent>): string {
  const fd = iommufd();
  fd.mapFixed(MAPPED, 2n * PAGE);
  const { machine } = fd.kernel;
  const account = new ReplayAccount();
  const kinds = new DivergenceKinds();
  const call = { type: "ioctl", seq: 7, pid: fd.pid, fd: fd.fd, op, ...parts } as const;
  const step = machine.apply(call as IoctlEvent);
  kinds.add(step.event, account.add(step), machine);
  const about = { path: "t", events: 1, profile: "luo73", stateHash: "0", skipped: {} };
  const result = { trace: { ...about, ...accountParts(account) }, kinds };
  return replayText(result, { style: PLAIN, kinds_max: 5 });
}

test("an unmap that the kernel allowed: the deciding check and the area in its way", () => {
  const args = { size: 24, ioas_id: 1, iova: MAPPED, length: PAGE };
  const text = textAbout("IOMMU_IOAS_UNMAP", { in: args, ret: 0 });
  expect(text).toContain("predicted ENOENT  (an area is locked or only partly inside the range)");
  expect(text).toContain("observed  success");
  expect(text).toContain("modelled after iommufd_ioas_unmap, drivers/iommu/iommufd/ioas.c");
  expect(text).toContain("ioas_id 1: IOAS, 1 user, alignment 0x1, domains none");
  expect(text).toContain("mapped in 0x100000..0x100fff: 0x100000..0x101fff");
});

test("a refusal the model does not know of: nothing is in the way", () => {
  const args = { size: 40, flags: RW | 1, ioas_id: 1, user_va: 0x7f0000200000n, length: PAGE };
  const parts = { in: { ...args, iova: 0x80_0000n }, ret: -1, errno: "EINVAL" } as const;
  const text = textAbout("IOMMU_IOAS_MAP", parts);
  expect(text).toContain("predicted success");
  expect(text).toContain("mapped in 0x800000..0x800fff: nothing");
});

test("an id that leads nowhere says so", () => {
  const text = textAbout("IOMMU_DESTROY", { in: { size: 8, id: 9 }, ret: 0 });
  expect(text).toContain("id 9: no such object");
});

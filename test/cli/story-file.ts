import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { ProfileId } from "../../src/engine/profile/index.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import { writeTraceFile } from "../../src/replay/writer.js";

/** A folder for the traces of one test file. */
export class StoryFolder {
  readonly path = mkdtempSync(join(tmpdir(), "lutrace-"));

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** Tells a story and writes it as a trace; gives the path. */
  async write(
    name: string,
    tell: (scenario: Scenario) => void,
    profile: ProfileId = "luo73",
  ): Promise<string> {
    const scenario = new Scenario({ profile, title: name });
    tell(scenario);
    const path = this.file(name);
    const header = { lutrace: 1, profile } as const;
    await writeTraceFile({ header, batches: () => [scenario.events] }, path);
    return path;
  }
}

/** A manager preserves the same memfd twice: the kernel refuses, and lutrace warns. */
export function preservesTwice(scenario: Scenario): void {
  const manager = scenario.start("manager");
  const luo = manager.open("/dev/liveupdate");
  const session = manager.createSession(luo, "vm7");
  const ram = manager.sealedMemfd("ram", 0x1000n);
  manager.preserve(session, ram, 1n);
  manager.preserve(session, ram, 2n, { refused: "EBUSY" });
}

/** The kernel accepts what the model refuses: an error, and a divergence. */
export function preservesTwiceAndGetsAwayWithIt(scenario: Scenario): void {
  const manager = scenario.start("manager");
  const luo = manager.open("/dev/liveupdate");
  const session = manager.createSession(luo, "vm7");
  const ram = manager.sealedMemfd("ram", 0x1000n);
  manager.preserve(session, ram, 1n);
  manager.preserve(session, ram, 2n, { kernel: "ok" });
}

/** Nothing is wrong, and nothing is left. */
export function nothingWrong(scenario: Scenario): void {
  const vmm = scenario.start("vmm");
  const iommufd = vmm.open("/dev/iommu");
  const ram = vmm.sealedMemfd("ram", 0x1000n);
  const ioas = vmm.allocIoas(iommufd);
  vmm.mapFile(iommufd, { ioas, memfd: ram, iova: 0n, length_bytes: 0x1000n });
  vmm.exit();
  scenario.add({ type: "marker", what: "clean_end" });
}

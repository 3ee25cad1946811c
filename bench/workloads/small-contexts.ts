/**
 * What the kernel's own selftests do: many small iommufds, each with a mock device, some mappings,
 * copies and queries, calls that fail, and an end.
 */

import type { StructValues } from "../../src/engine/abi/layout.js";
import type { Errno } from "../../src/engine/errno.js";
import type { Event } from "../../src/engine/event/index.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";
import { Random } from "../random.js";
import type { Workload } from "./workload.js";

const PAGE = 0x1000n;
const BUFFER = 0x7f00_0000_0000n;
const BUFFER_BYTES = 0x100_0000n;
const READ_WRITE = 6;
const FIXED_READ_WRITE = 7;
const MOCK_DOMAIN = 2;
const CONTEXTS_PER_PROCESS = 50;
const BATCH_EVENTS = 10_000;

class Context {
  readonly #iommufd: number;
  readonly #ioas: number;
  readonly #mapped: { iova: bigint; length: bigint }[] = [];

  constructor(
    readonly process: ScenarioProcess,
    readonly random: Random,
  ) {
    this.#iommufd = process.open("/dev/iommu");
    this.#ioas = process.allocIoas(this.#iommufd);
    if (random.below(2) === 0) {
      const op = "IOMMU_TEST_OP_MOCK_DOMAIN";
      this.#call(op, { size: 72, op: MOCK_DOMAIN, id: this.#ioas });
    }
  }

  run(): void {
    for (let count = 0; count < 40; count++) this.#step();
    this.process.close(this.#iommufd);
  }

  #step(): void {
    const kind = this.random.below(10);
    if (kind < 4) this.#map();
    else if (kind < 7) this.#unmap();
    else if (kind < 8) this.#failing();
    else if (kind < 9) this.process.destroy(this.#iommufd, this.process.allocIoas(this.#iommufd));
    else this.#option();
  }

  #map(): void {
    const user_va = BUFFER + BigInt(this.random.below(64)) * PAGE;
    const length = BigInt(1 + this.random.below(8)) * PAGE;
    const args = { size: 40, flags: READ_WRITE, ioas_id: this.#ioas, user_va, length, iova: 0n };
    const iova = this.#call("IOMMU_IOAS_MAP", args)["iova"] as bigint;
    this.#mapped.push({ iova, length });
  }

  #unmap(): void {
    const mapping = this.#mapped.pop();
    if (mapping === undefined) this.#map();
    else this.#call("IOMMU_IOAS_UNMAP", { size: 24, ioas_id: this.#ioas, ...mapping });
  }

  #failing(): void {
    const ioas_id = 0x7777;
    const user_va = BUFFER;
    const args = { size: 40, flags: FIXED_READ_WRITE, ioas_id, user_va, length: PAGE, iova: 0n };
    this.#call("IOMMU_IOAS_MAP", args, "ENOENT");
  }

  #option(): void {
    const args = { size: 24, option_id: 1, op: 1, object_id: this.#ioas, val64: 0n };
    this.#call("IOMMU_OPTION", args);
  }

  #call(op: string, args: StructValues, refused?: Errno): StructValues {
    return this.process.ioctl(this.#iommufd, op, args, refused === undefined ? {} : { refused });
  }
}

/** Tests without end. */
export function* smallContexts(seed: number): Generator<Event[]> {
  const random = new Random(seed);
  const scenario = new Scenario({ profile: "luo73", title: "small contexts" });
  for (;;) {
    const process = scenario.start("other");
    const { pid } = process;
    const place = { addr: BUFFER, length: BUFFER_BYTES, prot: 3, flags: 0x22 };
    scenario.add({ type: "mmap", pid, ...place, fd: -1, offset: 0n, address: BUFFER });
    for (let count = 0; count < CONTEXTS_PER_PROCESS; count++) new Context(process, random).run();
    process.exit();
    if (scenario.events.length >= BATCH_EVENTS) yield scenario.drain();
  }
}

export const SMALL_CONTEXTS: Workload = {
  name: "small contexts",
  profile: "luo73",
  batches: () => smallContexts(3),
};

/**
 * The map/unmap storm: one IOAS with a VFIO device attached, fixed IOVAs, mappings that come and go
 * at random places. Every call is one event.
 */

import type { Event } from "../../src/engine/event/index.js";
import { ONE_NIC } from "../../src/replay/scenario/blocks.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";
import { Random } from "../random.js";
import type { Workload } from "./workload.js";

const PAGE = 0x1000n;
const FIXED_READ_WRITE = 7;
const FIRST_IOVA = 0x1_0000_0000n;
/** Live mappings are apart, so that each stays an area of its own. */
const SLOT_BYTES = 2n * PAGE;
const BUFFER = 0x7f00_0000_0000n;
const BATCH_EVENTS = 10_000;

const PROT_READ_WRITE = 3;
const MAP_PRIVATE_ANONYMOUS = 0x22;

export interface StormOptions {
  readonly slots: number;
  readonly seed: number;
  /** All slots are mapped before the storm starts; default: none. */
  readonly filled?: boolean;
}

/** A process with one IOAS, a device that translates through it, and a place for each mapping. */
export class StormStage {
  readonly scenario = new Scenario({
    profile: "luo73",
    title: "map/unmap storm",
    machine: ONE_NIC,
  });
  readonly #vmm: ScenarioProcess;
  readonly #iommufd: number;
  readonly #ioas: number;
  readonly #mapped: boolean[] = [];

  constructor(slots: number) {
    const vmm = this.scenario.start("vmm");
    const { pid } = vmm;
    const length = BigInt(slots) * PAGE;
    const place = { addr: BUFFER, length, prot: PROT_READ_WRITE, flags: MAP_PRIVATE_ANONYMOUS };
    this.scenario.add({ type: "mmap", pid, ...place, fd: -1, offset: 0n, address: BUFFER });
    this.#vmm = vmm;
    this.#iommufd = vmm.open("/dev/iommu");
    const cdev = vmm.open("/dev/vfio/devices/vfio0");
    vmm.bind(cdev, this.#iommufd);
    this.#ioas = vmm.allocIoas(this.#iommufd);
    vmm.attach(cdev, this.#ioas);
  }

  /** Maps a slot that is free, unmaps one that is not. */
  toggle(slot: number): void {
    const mapped = this.#mapped[slot] === true;
    this.#mapped[slot] = !mapped;
    const iova = FIRST_IOVA + BigInt(slot) * SLOT_BYTES;
    const place = { ioas_id: this.#ioas, iova, length: PAGE };
    if (mapped) {
      this.#vmm.ioctl(this.#iommufd, "IOMMU_IOAS_UNMAP", { size: 24, ...place });
      return;
    }
    const user_va = BUFFER + BigInt(slot) * PAGE;
    const more = { flags: FIXED_READ_WRITE, __reserved: 0, user_va };
    this.#vmm.ioctl(this.#iommufd, "IOMMU_IOAS_MAP", { size: 40, ...more, ...place });
  }
}

/** Events without end. */
export function* storm({ slots, seed, filled = false }: StormOptions): Generator<Event[]> {
  const stage = new StormStage(slots);
  const random = new Random(seed);
  for (let slot = 0; filled && slot < slots; slot++) {
    stage.toggle(slot);
    if (stage.scenario.events.length >= BATCH_EVENTS) yield stage.scenario.drain();
  }
  for (;;) {
    stage.toggle(random.below(slots));
    if (stage.scenario.events.length >= BATCH_EVENTS) yield stage.scenario.drain();
  }
}

export const STORM: Workload = {
  name: "map/unmap storm",
  profile: "luo73",
  batches: () => storm({ slots: 10_000, seed: 1 }),
};

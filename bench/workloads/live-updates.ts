/**
 * The mixed live-update run: one update after the other, each with its set-up, its running VM (DMA
 * for the most part, mappings that come and go, memory that is written and freed), its kexec and
 * its
 * restore.
 */

import type { Event } from "../../src/engine/event/index.js";
import {
  done,
  kexec,
  ONE_NIC,
  preserve,
  restore,
  setup,
  type Vm,
} from "../../src/replay/scenario/blocks.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import { Random } from "../random.js";
import type { Workload } from "./workload.js";

const PAGE = 0x1000n;
const MEMORY_BYTES = 0x4000_0000n;
const MEMORY_PAGES = Number(MEMORY_BYTES / PAGE);
const EVENTS_BEFORE = 1200;
const EVENTS_AFTER = 800;
/** A second IOAS, without a device, whose mappings come and go while the VM runs. */
const SLOTS = 256;

class Run {
  readonly #mapped: boolean[] = [];
  readonly #ioas: number;

  constructor(
    readonly vm: Vm,
    readonly random: Random,
  ) {
    this.#ioas = vm.vmm.allocIoas(vm.iommufd);
  }

  /** One thing a running VM does. */
  step(): void {
    const kind = this.random.below(100);
    if (kind < 60) this.#transfer();
    else if (kind < 85) this.#toggle(this.random.below(SLOTS));
    else if (kind < 93) this.#store();
    else if (kind < 97) this.vm.scenario.add({ type: "note", pid: this.vm.vmm.pid, text: "tick" });
    else this.vm.vmm.close(this.vm.vmm.open("/dev/null"));
  }

  #transfer(): void {
    const { scenario, device } = this.vm;
    const iova = BigInt(this.random.below(MEMORY_PAGES)) * PAGE;
    const direction = this.random.below(2) === 0 ? "read" : "write";
    const transfer = { iova, length_bytes: 4096, direction, observed: "ok" } as const;
    scenario.add({ type: "dma", device: device.bdf, ...transfer });
  }

  #toggle(slot: number): void {
    const { vmm, iommufd, memfd } = this.vm;
    const iova = BigInt(slot) * 0x10_0000n;
    const mapped = this.#mapped[slot] === true;
    this.#mapped[slot] = !mapped;
    if (mapped) vmm.unmap(iommufd, this.#ioas, iova, PAGE);
    else vmm.mapFile(iommufd, { ioas: this.#ioas, memfd, iova, start: iova, length_bytes: PAGE });
  }

  #store(): void {
    const { scenario, vmm, memfd } = this.vm;
    const offset = BigInt(this.random.below(MEMORY_PAGES)) * PAGE;
    const { pid } = vmm;
    scenario.add({ type: "cpu_write", pid, fd: memfd, offset, length_bytes: 8 });
  }

  /** What must not be there when the memory is handed over. */
  clear(): void {
    for (const [slot, mapped] of this.#mapped.entries()) if (mapped) this.#toggle(slot);
    this.vm.vmm.destroy(this.vm.iommufd, this.#ioas);
  }
}

/** Updates without end; each is one batch. */
export function* liveUpdates(seed: number): Generator<Event[]> {
  const random = new Random(seed);
  const scenario = new Scenario({ profile: "seed", title: "live updates", machine: ONE_NIC });
  for (let update = 1; ; update++) {
    const vm = setup(scenario, { session_name: `vm${update}`, memory_bytes: MEMORY_BYTES });
    const before = new Run(vm, random);
    for (let count = 0; count < EVENTS_BEFORE; count++) before.step();
    before.clear();
    preserve(vm);
    kexec(vm);
    done(vm, restore(vm));
    const after = new Run(vm, random);
    for (let count = 0; count < EVENTS_AFTER; count++) after.step();
    after.clear();
    vm.vmm.exit();
    vm.manager.exit();
    yield scenario.drain();
  }
}

export const LIVE_UPDATES: Workload = {
  name: "live updates",
  profile: "seed",
  batches: () => liveUpdates(2),
};

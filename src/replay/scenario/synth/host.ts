/** The machine of a composition: its manager, its VMs, its kexecs. */

import type { DeviceFacts } from "../../../engine/event/index.js";
import { Random } from "../random.js";
import { Scenario } from "../scenario.js";
import type { ScenarioProcess } from "../scenario-process.js";
import { Guest } from "./guest.js";
import { commandOf, type SynthOptions } from "./options.js";

const FIRST_BUS = 0x10;
/** RLIMIT_NOFILE of a process that asks for nothing. */
const DEFAULT_NOFILE = 1024;
/** What a manager has open besides its VMs. */
const RESERVED_FDS = 128;
/** A session and a socket for each VMM, one more of each while a reaper takes over. */
const FDS_OF_VM = 4;
const SLOTS = 32;
const BUSES = 256;

export class Host {
  readonly scenario: Scenario;
  readonly random: Random;
  readonly guests: Guest[];
  manager: ScenarioProcess;
  luo: number;

  constructor(readonly options: SynthOptions) {
    const { profile, seed, vms, devices } = options;
    const facts = Array.from({ length: vms * devices }, (_, index) => deviceFacts(index));
    const title = commandOf(options);
    const machine = { page_size: 4096, iommu: "intel", devices: facts };
    const known = devices === 0 ? {} : { machine };
    this.scenario = new Scenario({ profile, title, seed, ...known });
    this.random = new Random(seed);
    this.manager = this.#newManager();
    this.luo = this.manager.open("/dev/liveupdate");
    this.guests = Array.from({ length: vms }, (_, index) => {
      const own = facts.slice(index * devices, (index + 1) * devices);
      return new Guest(this, `vm${index + 1}`, own);
    });
  }

  /** Devices stand still from the freeze on. */
  get stopped(): boolean {
    return this.scenario.machine.freeze_stops_device;
  }

  /** Devices can be handed over, and not be taken back. */
  get phase1(): boolean {
    const { hwpt_creation } = this.scenario.machine.profile.restore;
    return hwpt_creation === "never" && this.options.devices > 0;
  }

  marker(what: "vcpus_paused" | "vcpus_resumed" | "cancel" | "clean_end"): void {
    this.scenario.add({ type: "marker", what });
  }

  /** The machine jumps; a new manager runs in the next kernel. */
  kexec(how: "kexec_file_load" | "kexec_load" = "kexec_file_load"): void {
    const { scenario, manager } = this;
    this.marker("vcpus_paused");
    manager.close(this.luo);
    const { pid } = manager;
    scenario.add({ type: "kexec_load", pid, how, ret: 0 });
    scenario.add({ type: "reboot", pid, cmd: "kexec", never_returned: true });
    this.#boot("kexec");
  }

  /** The node is power cycled, or crashes; nothing survives. */
  restart(kind: "cold" | "crash"): void {
    this.#boot(kind);
    this.startManager();
  }

  startManager(): void {
    this.manager = this.#newManager();
    this.luo = this.manager.open("/dev/liveupdate");
  }

  /** A manager of many VMs needs more descriptors than a process gets unasked. */
  #newManager(): ScenarioProcess {
    const manager = this.scenario.start("manager");
    const needed = RESERVED_FDS + FDS_OF_VM * this.options.vms;
    if (needed > DEFAULT_NOFILE) {
      const limit = { cur: BigInt(needed), max: BigInt(needed) };
      const { pid } = manager;
      this.scenario.call({ type: "setrlimit", pid, resource: "RLIMIT_NOFILE", ...limit });
    }
    return manager;
  }

  #boot(kind: "kexec" | "cold" | "crash"): void {
    const boot = this.scenario.machine.epoch + 1;
    this.scenario.add({ type: "boot", kind, boot, liveupdate: true, kho: true });
  }
}

/** Network cards, each alone in its group. */
function deviceFacts(index: number): DeviceFacts {
  const bus = FIRST_BUS + Math.floor(index / SLOTS);
  const segment = hex(Math.floor(bus / BUSES), 4);
  return {
    bdf: `${segment}:${hex(bus % BUSES, 2)}:${hex(index % SLOTS, 2)}.0`,
    group: index + 1,
    cdev: `vfio${index}`,
    driver: "vfio-pci",
    resettable: true,
  };
}

function hex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}

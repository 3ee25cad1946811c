/** One VM of a composition, with any number of devices: what it does from its start to its end. */

import type { DeviceFacts } from "../../../engine/event/index.js";
import { DEVICE_TOKEN, HWPT_TOKEN, IOMMUFD_TOKEN, MEMORY_TOKEN } from "../blocks.js";
import type { Ending } from "../scenario.js";
import type { ScenarioProcess } from "../scenario-process.js";
import type { Host } from "./host.js";

/** Memory is mapped, punched and added in pieces of this size. */
export const PIECE_BYTES = 0x20_0000n;

/** A device of a VM. */
export interface GuestDevice {
  readonly facts: DeviceFacts;
  readonly token: bigint;
  cdev: number;
  id: number;
}

/** Steps of a restore, in their order; a VMM can die after each of them. */
export const RESTORE_STEPS = [
  "retrieve-memory",
  "retrieve-iommufd",
  "retrieve-devices",
  "bind",
  "restore",
  "replace",
  "destroy",
] as const;
export type RestoreStep = (typeof RESTORE_STEPS)[number];

export class Guest {
  vmm: ScenarioProcess;
  session = -1;
  manager_session = -1;
  memfd = -1;
  iommufd = -1;
  ioas = -1;
  hwpt = -1;
  /** Id of the restored HWPT. */
  restored = -1;
  readonly devices: readonly GuestDevice[];
  /** Devices that cross the kexec with their VM. */
  arrived: readonly GuestDevice[];
  /** It runs: it can be preserved and have DMA. */
  running = false;
  /** Memory that comes and goes, while it is mapped. */
  #scratch: number | undefined;
  #scratch_mapped = false;

  constructor(
    readonly host: Host,
    readonly name: string,
    facts: readonly DeviceFacts[],
  ) {
    this.vmm = host.manager;
    this.devices = facts.map((one, index) => {
      return { facts: one, token: DEVICE_TOKEN + BigInt(index), cdev: -1, id: -1 };
    });
    this.arrived = this.devices;
  }

  /** Starts the VMM and everything it needs. */
  start(): void {
    const { host, devices } = this;
    this.running = true;
    this.arrived = devices;
    this.manager_session = host.manager.createSession(host.luo, this.name);
    this.vmm = host.manager.spawn("vmm");
    this.session = host.manager.pass(this.manager_session, this.vmm);
    this.memfd = this.vmm.sealedMemfd("ram", host.options.memory_bytes);
    this.#scratch = undefined;
    this.#scratch_mapped = false;
    if (devices.length === 0) return;
    this.iommufd = this.vmm.open("/dev/iommu");
    for (const device of devices) {
      device.cdev = this.vmm.open(`/dev/vfio/devices/${device.facts.cdev}`);
      device.id = this.vmm.bind(device.cdev, this.iommufd);
    }
    this.#newTable(host.options.memory_bytes);
    for (const device of devices) {
      this.vmm.attach(device.cdev, this.hwpt);
      this.#run(device);
    }
    this.mark();
  }

  /** Chooses the page table for the update. */
  mark(): void {
    this.vmm.mark(this.iommufd, this.hwpt, BigInt(HWPT_TOKEN));
  }

  /** A new session for another update of a running VM. */
  prepareAgain(): void {
    const { host } = this;
    this.manager_session = host.manager.createSession(host.luo, this.name);
    this.session = host.manager.pass(this.manager_session, this.vmm);
    if (this.devices.length > 0) this.mark();
  }

  preserveMemory(): void {
    this.vmm.preserve(this.session, this.memfd, MEMORY_TOKEN);
  }

  preserveIommufd(ending?: Ending): void {
    if (this.devices.length === 0) return;
    this.vmm.preserve(this.session, this.iommufd, IOMMUFD_TOKEN, ending);
  }

  preserveDevices(devices = this.devices): void {
    for (const { cdev, token } of devices) this.vmm.preserve(this.session, cdev, token);
  }

  preserve(): void {
    this.settle();
    this.preserveMemory();
    this.preserveIommufd();
    this.preserveDevices();
  }

  /** The manager gets the session and gives it to a new process. */
  fetch(): void {
    const { host } = this;
    this.manager_session = host.manager.retrieveSession(host.luo, this.name);
    this.takeOver("vmm");
  }

  takeOver(role: "vmm" | "reaper"): void {
    const { host } = this;
    this.vmm = host.manager.spawn(role);
    this.session = host.manager.pass(this.manager_session, this.vmm);
  }

  /** One step of the restore. */
  take(step: RestoreStep): void {
    const { vmm, session } = this;
    switch (step) {
      case "retrieve-memory":
        this.memfd = vmm.retrieve(session, MEMORY_TOKEN);
        return;
      case "retrieve-iommufd":
        this.iommufd = vmm.retrieve(session, IOMMUFD_TOKEN);
        return;
      case "retrieve-devices":
        for (const device of this.arrived) device.cdev = vmm.retrieve(session, device.token);
        return;
      case "bind":
        for (const device of this.arrived) {
          device.id = vmm.bind(device.cdev, this.iommufd);
          this.#run(device);
        }
        return;
      case "restore":
        this.restored = vmm.restoreHwpt(this.iommufd, HWPT_TOKEN);
        return;
      case "replace":
        this.replace();
        return;
      case "destroy":
        vmm.destroy(this.iommufd, this.restored);
        return;
    }
  }

  /** The steps this VM has, in their order. */
  get steps(): readonly RestoreStep[] {
    return this.devices.length === 0 ? ["retrieve-memory"] : RESTORE_STEPS;
  }

  /** A new page table takes over; it maps the memory up to a length. */
  replace(length_bytes = this.host.options.memory_bytes): void {
    this.#newTable(length_bytes);
    for (const { cdev } of this.arrived) this.vmm.attach(cdev, this.hwpt);
  }

  #newTable(length_bytes: bigint): void {
    const { vmm, iommufd, memfd } = this;
    this.ioas = vmm.allocIoas(iommufd);
    vmm.mapFile(iommufd, { ioas: this.ioas, memfd, iova: 0n, length_bytes });
    this.hwpt = vmm.allocHwpt(iommufd, this.arrived[0]?.id ?? -1, this.ioas);
  }

  finish(): void {
    this.vmm.finish(this.session);
    this.vmm.close(this.session);
    this.host.manager.close(this.manager_session);
    this.#scratch = undefined;
    this.#scratch_mapped = false;
  }

  /** A reaper lets everything go; the VM is no more. */
  reap(): void {
    const { vmm, host } = this;
    for (const { facts } of this.arrived) {
      host.scenario.add({ type: "device_reset", device: facts.bdf });
      host.scenario.add({ type: "bus_master", device: facts.bdf, enabled: false });
    }
    for (const { cdev } of this.arrived) {
      vmm.detach(cdev);
      vmm.close(cdev);
    }
    if (this.devices.length > 0) vmm.close(this.iommufd);
    vmm.close(this.memfd);
    vmm.finish(this.session);
    vmm.close(this.session);
    host.manager.close(this.manager_session);
    vmm.exit();
  }

  /** A device moves some pages. */
  dma(device: GuestDevice, observed: "ok" | "fault" = "ok"): void {
    const { random, scenario, options } = this.host;
    const pages = Number(options.memory_bytes / 4096n);
    const length = 1 + random.below(Math.min(4, pages));
    const iova = BigInt(random.below(pages - length + 1)) * 4096n;
    const direction = random.below(3) === 0 ? "read" : "write";
    const length_bytes = length * 4096;
    const { bdf } = device.facts;
    scenario.add({ type: "dma", device: bdf, iova, length_bytes, direction, observed });
  }

  /** Memory of a device comes, or goes again. */
  toggleScratch(): void {
    const { vmm, iommufd, ioas, host } = this;
    const iova = host.options.memory_bytes;
    const length_bytes = PIECE_BYTES;
    this.#scratch ??= vmm.sealedMemfd("scratch", length_bytes);
    if (this.#scratch_mapped) vmm.unmap(iommufd, ioas, iova, length_bytes);
    else vmm.mapFile(iommufd, { ioas, memfd: this.#scratch, iova, length_bytes });
    this.#scratch_mapped = !this.#scratch_mapped;
  }

  /** Nothing is mapped that will not be preserved. */
  settle(): void {
    if (this.#scratch_mapped) this.toggleScratch();
  }

  #run({ facts }: GuestDevice): void {
    const { scenario } = this.host;
    if (scenario.machine.devices.find(facts.bdf)?.bus_master === true) return;
    scenario.add({ type: "bus_master", device: facts.bdf, enabled: true });
  }
}

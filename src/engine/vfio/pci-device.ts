import type { PlainRoute } from "../dma/plain-route.js";
import type { DeviceFacts } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import type { Device } from "../iommufd/device.js";
import type { HardwareDevice } from "../iommufd/hardware-device.js";
import type { LuoFile } from "../liveupdate/luo-file.js";
import type { PreservedDevice } from "../liveupdate/preserved-domain.js";
import type { Machine } from "../machine.js";
import type { MemoryObject } from "../memory/memory-object.js";
import { SparseBytes } from "../memory/sparse-bytes.js";
import { DeviceAttachments } from "./device-attachments.js";
import type { DevicePath } from "./device-file.js";
import type { VfioDmabuf } from "./dmabuf.js";
import { knownVectors } from "./known-devices.js";
import { NO_SRIOV, type SriovRole } from "./vf-token.js";

/** The answer to GET_REGION_INFO for one index; constant for the life of the device. */
export interface RegionFacts {
  readonly flags: number;
  readonly length_bytes: bigint;
}

/** The answer to GET_IRQ_INFO for one index; constant for the life of the device. */
export interface IrqFacts {
  readonly flags: number;
  readonly count: number;
}

/** A bond between a device and an iommufd: made by the first open, kept until the last close. */
export interface DeviceBond {
  /** The DEVICE object in the context. */
  readonly object: Device;
  /** The iommufd; the bond holds a reference to it. */
  readonly iommufd: OpenFile;
}

export const REGION_MMAP = 4;
export const REGION_CAPS = 8;
/** Region indexes of vfio-pci: BARs 0 to 5, ROM, config space, VGA. */
export const LAST_BAR = 5;
export const ROM_REGION = 6;
export const CONFIG_REGION = 7;
/** Interrupt indexes of vfio-pci: INTx, MSI, MSI-X, error, request. */
export const IRQ_INDEXES = 5;

/** The end of what a device can have inside; all of it is unknown at first. */
const DEVICE_MEMORY_LAST = 0xffff_ffffn;
const COMMAND_MEMORY = 2;
const COMMAND_MASTER = 4;

/**
 * A PCI device bound to vfio-pci, as its driver sees it. What user space can ask about it is a
 * property of the hardware: where no facts were stated, the first answer of the trace is taken and
 * predicts every later one.
 */
export class PciDevice {
  /** Seq of its newest transfer that the trace saw reach memory; -1: none was seen. */
  reached_seq = -1;
  /** How its transfers went last; see plain-route.ts. */
  plain_route: PlainRoute | undefined;
  /** Number in /dev/vfio/devices/vfioN, as `vfioN`; undefined until it is known. */
  cdev: string | undefined;
  bdf: string | undefined;
  /** Number of its IOMMU group, as in /dev/vfio/N; undefined until it is known. */
  group_number: number | undefined;
  /** Whether a function reset works; undefined until it is known. */
  resettable: boolean | undefined;
  readonly regions = new Map<number, RegionFacts>();
  readonly irqs = new Map<number, IrqFacts>();
  /** All BARs that exist, where the trace states them. */
  bars: DeviceFacts["bars"];
  /** Interrupt vectors of a well-known device; what GET_IRQ_INFO answers goes before. */
  vectors: readonly number[] | undefined;
  /** Interrupt indexes that are set up. */
  readonly armed = new Set<number>();
  /** Open descriptors that were granted access: one through a cdev, any number through a group. */
  open_count = 0;
  /** How the device was opened, while it is. */
  bound_through: DevicePath | undefined;
  bond: DeviceBond | undefined;
  /** What it is to SR-IOV; without a fact or a sign of it: nothing. */
  sriov: SriovRole = NO_SRIOV;
  /** Its record in an outgoing session. */
  preserved_as: PreservedDevice | undefined;
  /** Its file in an incoming session, until that is finished: others are kept off the device. */
  arrived_as: LuoFile<PreservedDevice> | undefined;
  attachments = new DeviceAttachments();
  /** The device may start transactions; undefined while someone outside the trace may decide it. */
  bus_master: boolean | undefined;
  /** The device answers to memory accesses. Its dma-bufs are revoked while it does not. */
  decoding = true;
  readonly dmabufs = new Set<VfioDmabuf>();
  /** Memory inside the device that its DMA engine reads and writes, where it is known. */
  readonly memory = new SparseBytes();

  private readonly _bars = new Map<number, MemoryObject>();

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly hardware: HardwareDevice,
  ) {
    this.memory.forget(0n, DEVICE_MEMORY_LAST);
  }

  /** Its PCI address, else the name of its node. */
  get name(): string {
    return this.bdf ?? this.cdev ?? `device#${this.serial}`;
  }

  /** SR-IOV virtual function. */
  get virtual_function(): boolean {
    return this.sriov.kind === "virtual";
  }

  /** The memory of a BAR, as address spaces know it. */
  barObject(machine: Machine, index: number): MemoryObject {
    let object = this._bars.get(index);
    if (object === undefined) {
      object = { kind: "device", serial: machine.newSerial() };
      this._bars.set(index, object);
    }
    return object;
  }

  /** The BAR's size in bytes, 0 for one that does not exist; undefined where nobody told. */
  findBarSize(index: number): bigint | undefined {
    const answered = this.regions.get(index)?.length_bytes;
    if (answered !== undefined || this.bars === undefined) return answered;
    return this.bars.find((bar) => bar.index === index)?.length_bytes ?? 0n;
  }

  /** Whether user space may map the BAR; undefined where nobody told. */
  canMapBar(index: number): boolean | undefined {
    const answered = this.regions.get(index)?.flags;
    if (answered !== undefined) return (answered & REGION_MMAP) !== 0;
    return this.bars?.some((bar) => bar.index === index && bar.kind === "memory");
  }

  /** Takes over what the trace states about the device. */
  learn(facts: DeviceFacts): void {
    this.bdf = facts.bdf;
    if (facts.cdev !== undefined) this.cdev = facts.cdev.slice(facts.cdev.lastIndexOf("/") + 1);
    if (facts.group !== undefined) this.group_number = facts.group;
    if (facts.resettable !== undefined) this.resettable = facts.resettable;
    if (facts.bars !== undefined) this.bars = facts.bars;
    const { vendor, device } = facts;
    if (vendor !== undefined && device !== undefined) this.vectors = knownVectors(vendor, device);
  }

  /**
   * A kernel starts: nobody has the device open. A preserved one was left as the freeze left it; of
   * others nothing is known.
   */
  startKernel(machine: Machine): void {
    this.armed.clear();
    this.open_count = 0;
    this.bound_through = undefined;
    this.bond = undefined;
    this.attachments = new DeviceAttachments();
    this.dmabufs.clear();
    if (this.preserved_as === undefined) this.setBusMaster(machine, undefined);
    this.preserved_as = undefined;
    this.arrived_as = undefined;
    this.hardware.startKernel();
  }

  /** The driver opens the device: memory decoding on, bus mastering off. */
  enable(machine: Machine): void {
    this.armed.clear();
    this.setBusMaster(machine, false);
    this.setDecoding(machine, true);
  }

  /** The driver closes the device: no more DMA, and its dma-bufs are dead for good. */
  disable(machine: Machine): void {
    this.armed.clear();
    this.setBusMaster(machine, false);
    for (const dmabuf of this.dmabufs) dmabuf.setRevoked(machine, true);
    this.dmabufs.clear();
  }

  /** A store to the PCI command register. */
  writeCommand(machine: Machine, command: number): void {
    // A virtual function has no bit of its own for memory decoding.
    const decoding = this.virtual_function || (command & COMMAND_MEMORY) !== 0;
    this.setDecoding(machine, decoding);
    this.setBusMaster(machine, (command & COMMAND_MASTER) !== 0);
  }

  /** The trace says from outside whether the device may start transactions. */
  observeBusMaster(machine: Machine, enabled: boolean | undefined): void {
    this.setBusMaster(machine, enabled);
  }

  /** A function reset: decoding is off while it lasts; the config space is restored after it. */
  reset(machine: Machine): void {
    const decoding = this.decoding;
    this.setDecoding(machine, false);
    this.setDecoding(machine, decoding);
    machine.emit({ kind: "device_reset", device: this });
  }

  private setDecoding(machine: Machine, decoding: boolean): void {
    if (decoding === this.decoding) return;
    this.decoding = decoding;
    for (const dmabuf of this.dmabufs) dmabuf.setRevoked(machine, !decoding);
  }

  private setBusMaster(machine: Machine, enabled: boolean | undefined): void {
    if (enabled === this.bus_master) return;
    this.bus_master = enabled;
    machine.emit({ kind: "bus_master_changed", device: this, enabled });
  }
}

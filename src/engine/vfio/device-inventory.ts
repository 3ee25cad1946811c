import { assert } from "../assert.js";
import type { DeviceFacts } from "../event/index.js";
import {
  HardwareDevice,
  type ReservedKind,
  type ReservedRegion,
} from "../iommufd/hardware-device.js";
import { IommuGroup } from "../iommufd/iommu-group.js";
import type { Machine } from "../machine.js";
import { knownSriov } from "./known-devices.js";
import { PciDevice } from "./pci-device.js";
import { PlatformUnit } from "./platform-unit.js";
import { physicalFunction } from "./vf-token.js";
import { VfioGroup } from "./vfio-group.js";

const VFIO_DRIVER = "vfio-pci";
type StatedRegion = NonNullable<DeviceFacts["reserved"]>[number];

const NODE_FOLDER = "/dev/vfio/devices/";

/** So many devices are gone through quickly. */
const FEW_DEVICES = 8;

/**
 * The devices of the machine that VFIO serves. Where the trace lists them, the list is complete;
 * else a device exists as soon as the trace opens it, under the name it was opened by.
 */
export class DeviceInventory {
  private readonly devices: PciDevice[] = [];
  /** Devices that were looked for by these names, where there are many; names can change. */
  private readonly found = new Map<string, PciDevice>();
  private readonly groups = new Map<number, VfioGroup>();
  private readonly iommuGroups = new Map<number, IommuGroup>();
  /** The trace listed all devices. */
  private _complete = false;

  /** The IOMMU in front of all devices. */
  readonly unit = new PlatformUnit(this);
  /** Devices whose driver was taken off, by PCI address. */
  private readonly unbound = new Map<string, PciDevice>();
  /** Devices whose reserved regions the trace stated. */
  private readonly stated = new Set<PciDevice>();

  constructor(readonly machine: Machine) {}

  get complete(): boolean {
    return this._complete;
  }

  /** All devices, in the order in which they became known. */
  entries(): readonly PciDevice[] {
    return this.devices;
  }

  /** The device with this PCI address or cdev name. */
  find(name: string): PciDevice | undefined {
    const known = this.found.size === 0 ? undefined : this.found.get(name);
    if (known !== undefined && isCalled(known, name)) return known;
    const { devices } = this;
    for (const device of devices) {
      if (!isCalled(device, name)) continue;
      if (devices.length > FEW_DEVICES) this.found.set(name, device);
      return device;
    }
    return undefined;
  }

  findByCdev(cdev: string): PciDevice | undefined {
    return this.devices.find((device) => device.cdev === cdev);
  }

  /** The devices of a group, as far as they are known. */
  findInGroup(group: number): PciDevice[] {
    return this.devices.filter((device) => device.group_number === group);
  }

  /** Takes the trace's list of devices; those with another driver than vfio-pci stay out of it. */
  learn(facts: readonly DeviceFacts[]): void {
    this._complete = true;
    for (const device of facts) {
      const known = this.find(device.bdf) ?? this.findByNode(device.cdev);
      if (known !== undefined) this.apply(known, device);
      else if (device.driver === VFIO_DRIVER || device.cdev !== undefined) {
        this.apply(this.new(device.bdf, device.group), device);
      }
    }
    for (const device of facts) this.applySriov(device);
    this.forgetUnlisted(facts);
  }

  /** What a list leaves out is not there, or no longer at its place on the bus. */
  private forgetUnlisted(facts: readonly DeviceFacts[]): void {
    const listed = new Set(facts.map(({ bdf }) => bdf));
    for (const { bdf, open_count } of [...this.devices]) {
      if (bdf !== undefined && open_count === 0 && !listed.has(bdf)) this.unbindDriver(bdf);
    }
  }

  /** User space found SR-IOV files of a device: it is a physical function. */
  noticeSriov(bdf: string): void {
    let device = this.find(bdf);
    if (device === undefined) {
      if (this._complete) return;
      device = this.nameless((other) => other.bdf === undefined) ?? this.new(bdf, undefined);
      device.bdf = bdf;
    }
    if (device.sriov.kind === "none") device.sriov = physicalFunction();
  }

  /** The device behind /dev/vfio/devices/<cdev>; one the trace never told about is assumed. */
  open(cdev: string): PciDevice | undefined {
    const known = this.findByCdev(cdev);
    if (known !== undefined || this._complete) return known;
    const nameless = this.nameless((device) => device.cdev === undefined);
    if (nameless !== undefined) {
      nameless.cdev = cdev;
      return nameless;
    }
    return this.assume(
      this.new(cdev, undefined, (device) => {
        device.cdev = cdev;
      }),
    );
  }

  /** The device of a group with this PCI address, as GET_DEVICE_FD names it. */
  openInGroup(group: number, bdf: string): PciDevice | undefined {
    const known = this.find(bdf);
    if (known !== undefined) {
      // Nobody told the number of its group; the caller knows it.
      known.group_number ??= group;
      return known.group_number === group ? known : undefined;
    }
    if (this._complete) return undefined;
    const device =
      this.nameless((other) => other.bdf === undefined) ?? this.assume(this.new(bdf, group));
    device.bdf = bdf;
    device.group_number = group;
    return device;
  }

  /** The group behind /dev/vfio/<number>. */
  group(number: number): VfioGroup | undefined {
    let group = this.groups.get(number);
    if (group !== undefined) return group;
    if (this._complete && !this.canHaveGroup(number)) return undefined;
    group = new VfioGroup(number);
    this.groups.set(number, group);
    return group;
  }

  /** A device is in the group, or may be. */
  private canHaveGroup(number: number): boolean {
    const matches = ({ group_number }: PciDevice) => (group_number ?? number) === number;
    return this.devices.some(matches);
  }

  /**
   * A kernel starts: the devices are the same and have their drivers again, but nobody has opened
   * anything.
   */
  startKernel(machine: Machine): void {
    this.groups.clear();
    this.devices.push(...this.unbound.values());
    this.unbound.clear();
    for (const device of this.devices) device.startKernel(machine);
  }

  /** The group of a device, where its number is known and it was ever opened. */
  groupOf(device: PciDevice): VfioGroup | undefined {
    const { group_number } = device;
    return group_number === undefined ? undefined : this.groups.get(group_number);
  }

  /** The hardware behind a PCI address, whatever driver it has; undefined where nobody told. */
  hardwareOf(name: string): HardwareDevice | undefined {
    return (this.find(name) ?? this.unbound.get(name))?.hardware;
  }

  /** The driver was bound to a device: it can be opened from now on. */
  bindDriver(name: string): void {
    if (this.find(name) !== undefined) return;
    const known = this.unbound.get(name);
    this.unbound.delete(name);
    if (known !== undefined) this.devices.push(known);
    else this.new(name, undefined).bdf = name;
  }

  /** The driver was taken off a device: it cannot be opened any more. */
  unbindDriver(name: string): void {
    const index = this.devices.findIndex((device) => device.bdf === name);
    const [device] = index < 0 ? [] : this.devices.splice(index, 1);
    this.found.clear();
    if (device !== undefined) this.unbound.set(name, device);
  }

  private findByNode(node: string | undefined): PciDevice | undefined {
    return node === undefined ? undefined : this.findByCdev(node.slice(NODE_FOLDER.length));
  }

  /** The only device known, where one of its names is missing: the two names are of one device. */
  private nameless(isMissing: (device: PciDevice) => boolean): PciDevice | undefined {
    const [only, another] = this.devices;
    if (only === undefined || another !== undefined) return undefined;
    return isMissing(only) ? only : undefined;
  }

  private apply(device: PciDevice, facts: DeviceFacts): void {
    device.learn(facts);
    if (facts.reserved !== undefined) {
      device.hardware.reserved = facts.reserved.map(reservedRegion);
      this.stated.add(device);
    }
    if (facts.max_pasids !== undefined) device.hardware.max_pasids = facts.max_pasids;
  }

  private applySriov(facts: DeviceFacts): void {
    const device = this.find(facts.bdf);
    if (device === undefined) return;
    const known = knownSriov(facts.vendor, facts.device);
    if (facts.physical_function !== undefined) {
      device.sriov = { kind: "virtual", parent: this.find(facts.physical_function) };
    } else if (facts.virtual_function === true) {
      device.sriov = { kind: "virtual", parent: undefined };
    } else if (facts.sriov === true || (facts.sriov === undefined && known === "physical")) {
      if (device.sriov.kind !== "physical") device.sriov = physicalFunction();
    } else if (facts.virtual_function === undefined && known === "virtual") {
      device.sriov = { kind: "virtual", parent: this.physicalFunction() };
    }
  }

  private physicalFunction(): PciDevice | undefined {
    return this.devices.find(({ sriov }) => sriov.kind === "physical");
  }

  /** A device beside a physical function, about which nothing was said, is one of its VFs. */
  private assume(device: PciDevice): PciDevice {
    const parent = this.physicalFunction();
    if (parent !== undefined) device.sriov = { kind: "virtual", parent };
    return device;
  }

  private new(
    name: string,
    group: number | undefined,
    complete: (device: PciDevice) => void = () => {},
  ): PciDevice {
    const iommuGroup = this.iommuGroup(group);
    const hardware = new HardwareDevice(name, iommuGroup, this.unit);
    const device = new PciDevice(this.machine.newSerial(), hardware);
    complete(device);
    assert(this.find(name) === undefined || device.cdev !== undefined, `${name} exists already`);
    this.devices.push(device);
    return device;
  }

  /** Another kind of unit reserves other regions, where the trace did not state them. */
  onUnitChange(): void {
    for (const device of this.devices) {
      if (!this.stated.has(device)) device.hardware.reserved = this.unit.device_reserved;
    }
  }

  private iommuGroup(number: number | undefined): IommuGroup {
    const known = number === undefined ? undefined : this.iommuGroups.get(number);
    if (known !== undefined) return known;
    const group = new IommuGroup();
    if (number !== undefined) this.iommuGroups.set(number, group);
    return group;
  }
}

function isCalled({ bdf, cdev }: PciDevice, name: string): boolean {
  return bdf === name || cdev === name;
}

const RESERVED_KINDS: Readonly<Record<string, ReservedKind>> = {
  direct: "direct",
  "direct-relaxable": "direct_relaxable",
  direct_relaxable: "direct_relaxable",
  msi: "msi",
  sw_msi: "sw_msi",
};

/** A region as sysfs names it; one of an unknown kind is kept free like any other. */
function reservedRegion({ first, last, kind }: StatedRegion): ReservedRegion {
  return { first, last, kind: RESERVED_KINDS[kind] ?? "reserved" };
}

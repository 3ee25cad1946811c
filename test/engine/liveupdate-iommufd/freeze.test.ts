import { describe, expect, test } from "vitest";
import { DEVICE_TOKEN, IOMMUFD_TOKEN, MEMORY_TOKEN } from "../../../src/replay/scenario/blocks.js";
import { addCard, deviceOf, during, found, MIB, OTHER, preserved, started } from "./world.js";

const DATA_BOOL_TRIGGER = 0x24;
const DATA_NONE_TRIGGER = 0x21;
const MSI = 1;

type Vm = ReturnType<typeof started>;

/** One MSI vector on or off. */
function setMsi(vm: Vm, cdev: number, on: boolean): void {
  const eventfd = 40;
  vm.scenario.add({ type: "new_fds", pid: vm.vmm.pid, what: "eventfd", fds: [eventfd], ret: 40 });
  const header = { index: MSI, start: 0, count: on ? 1 : 0 };
  const tail = new Uint8Array(4);
  new DataView(tail.buffer).setInt32(0, eventfd, true);
  const flags = on ? DATA_BOOL_TRIGGER : DATA_NONE_TRIGGER;
  const args = { argsz: on ? 24 : 20, flags, ...header };
  vm.scenario.call({
    type: "ioctl",
    pid: vm.vmm.pid,
    fd: cdev,
    op: "VFIO_DEVICE_SET_IRQS",
    in: args,
    ...(on ? { tail } : {}),
  });
}

function reboot(vm: Vm, refused?: "EINVAL"): void {
  const { pid } = vm.manager;
  vm.scenario.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
  const ending = refused === undefined ? {} : { refused };
  vm.scenario.call({ type: "reboot", pid, cmd: "kexec" }, ending);
}

describe("freezing a device", () => {
  test("stops it in phase 1, and lets it run where that is the design", () => {
    for (const [profile, running] of [
      ["p1v5", false],
      ["p1v1", false],
      ["rfc2", true],
      ["seed", true],
      ["p2", true],
    ] as const) {
      const vm = preserved(profile);
      const { pid } = vm.manager;
      vm.scenario.add({ type: "kexec_load", pid, how: "kexec_file_load", ret: 0 });
      const reboot = { type: "reboot", pid, cmd: "kexec", never_returned: true } as const;
      const seen = during(vm, () => vm.scenario.add(reboot));
      expect(found(seen, "device_frozen")?.stopped).toBe(!running);
      expect(deviceOf(vm).bus_master).toBe(running);
    }
  });

  test("does what the boot event says, whatever the design", () => {
    const vm = preserved("p2");
    vm.scenario.machine.freeze_stops_device = true;
    reboot(vm);
    expect(deviceOf(vm).bus_master).toBe(false);
  });

  test("is refused while interrupts are on, in the posted series", () => {
    const vm = preserved("p1v5");
    setMsi(vm, vm.cdev, true);
    reboot(vm, "EINVAL");
    vm.vmm.unmap(vm.iommufd, vm.ioas, 0n, 4n * MIB, { refused: "EBUSY" });
    vm.vmm.detach(vm.cdev, { refused: "EBUSY" });
    expect(deviceOf(vm).bus_master).toBe(true);
    setMsi(vm, vm.cdev, false);
    reboot(vm);
  });

  test("is not undone when a later file refuses: a device that was stopped stays stopped", () => {
    const vm = started("p1v5");
    const other = addCard(vm, OTHER.cdev);
    vm.vmm.attach(other.cdev, vm.hwpt);
    vm.vmm.preserve(vm.session, vm.memfd, MEMORY_TOKEN);
    vm.vmm.preserve(vm.session, vm.iommufd, IOMMUFD_TOKEN);
    vm.vmm.preserve(vm.session, vm.cdev, DEVICE_TOKEN);
    vm.vmm.preserve(vm.session, other.cdev, 4n);
    setMsi(vm, other.cdev, true);
    reboot(vm, "EINVAL");
    expect(deviceOf(vm).bus_master).toBe(false);
  });
});

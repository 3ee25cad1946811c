import { describe, expect, test } from "vitest";
import type { MachineFacts } from "../../../src/engine/event/index.js";
import { Scenario } from "../../../src/replay/scenario/scenario.js";

function addressOf(number: number): string {
  return `0000:01:${number.toString(16).padStart(2, "0")}.0`;
}

function startMachine(count: number) {
  const devices = Array.from({ length: count }, (_, number) => ({
    bdf: addressOf(number),
    group: number,
    driver: "vfio-pci",
    cdev: `/dev/vfio/devices/vfio${number}`,
  })) satisfies MachineFacts["devices"];
  const scenario = new Scenario({ profile: "luo73", title: "devices", machine: { devices } });
  return { scenario, inventory: scenario.machine.devices };
}

describe.each([2, 40])("an inventory of %d devices", (count) => {
  test("finds each by its address and by the name of its node, again and again", () => {
    const { inventory } = startMachine(count);
    for (const _round of [1, 2]) {
      for (const [number, device] of inventory.entries().entries()) {
        expect(inventory.find(addressOf(number))).toBe(device);
        expect(inventory.find(`vfio${number}`)).toBe(device);
      }
    }
    expect(inventory.find("vfio99")).toBeUndefined();
  });

  test("does not find one whose driver was taken off, until it has one again", () => {
    const { scenario, inventory } = startMachine(count);
    const device = addressOf(1);
    const known = inventory.find(device);
    scenario.add({ type: "driver_unbind", device, driver: "vfio-pci" });
    expect(inventory.find(device)).toBeUndefined();
    expect(inventory.find("vfio1")).toBeUndefined();
    scenario.add({ type: "driver_bind", device, driver: "vfio-pci" });
    expect(inventory.find(device)).toBe(known);
  });

  test("finds one that has a variant of vfio-pci", () => {
    const { scenario, inventory } = startMachine(count);
    const device = addressOf(1);
    const known = inventory.find(device);
    scenario.add({ type: "driver_unbind", device, driver: "vfio-pci" });
    scenario.add({ type: "driver_bind", device, driver: "mlx5_vfio_pci" });
    expect(inventory.find(device)).toBe(known);
    scenario.add({ type: "driver_unbind", device, driver: "mlx5_vfio_pci" });
    expect(inventory.find(device)).toBeUndefined();
  });

  test("finds one by its new name when the trace names it anew", () => {
    const { inventory } = startMachine(count);
    const known = inventory.find("vfio1");
    if (known !== undefined) known.cdev = "vfio77";
    expect(inventory.find("vfio1")).toBeUndefined();
    expect(inventory.find("vfio77")).toBe(known);
  });
});

/** A machine with nested translation, which the trace shows by what its kernel accepts. */

import { expect, test } from "vitest";
import { NIC, ONE_NIC, setup } from "../../../src/replay/scenario/blocks.js";
import { allocNested, allocNestParent } from "../../../src/replay/scenario/process-calls.js";
import { Scenario } from "../../../src/replay/scenario/scenario.js";
import { during, found } from "../liveupdate-iommufd/world.js";

function nestedVm() {
  const scenario = new Scenario({ profile: "p2", title: "test", machine: ONE_NIC });
  const vm = setup(scenario);
  const { vmm, iommufd, cdev, device_id: dev_id, ioas } = vm;
  const parent = 4;
  allocNestParent(vmm, iommufd, { dev_id, ioas, id: parent });
  vmm.attach(cdev, parent);
  const nested = allocNested(vmm, iommufd, { dev_id, parent });
  return { ...vm, parent, nested };
}

/** What the model expects of a page that the device writes, past the end of the VM's memory. */
function beyond(vm: { readonly scenario: Scenario }): string | undefined {
  const write = { direction: "write", observed: "unknown", length_bytes: 4096 } as const;
  const transfer = { type: "dma", device: NIC.bdf, iova: 0x7_0000_0000n, ...write } as const;
  return found(
    during(vm, () => vm.scenario.add(transfer)),
    "dma",
  )?.predicted;
}

test("what goes through a guest's own page table cannot be predicted", () => {
  const vm = nestedVm();
  const { vmm, cdev, parent, nested } = vm;
  expect(beyond(vm)).toBe("fault");
  vmm.attach(cdev, nested);
  expect(beyond(vm)).toBeUndefined();
  vmm.attach(cdev, parent);
  expect(beyond(vm)).toBe("fault");
});

test("the parent stays while a guest's page table is on top of it", () => {
  const { vmm, cdev, iommufd, hwpt, parent, nested } = nestedVm();
  vmm.attach(cdev, hwpt);
  vmm.destroy(iommufd, parent, { refused: "EBUSY" });
  vmm.destroy(iommufd, nested);
  vmm.destroy(iommufd, parent);
});

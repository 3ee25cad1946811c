import { encodeStruct } from "../abi/layout.js";
import { iommu_viommu_event_selftest } from "../abi/nested.js";
import { IOMMU_TEST_OP_TRIGGER_VEVENT } from "../abi/selftest-more.js";
import { mockDeviceOrReject } from "../selftest/mock-objects.js";
import { defineOp } from "./define.js";

const EVENT_TYPE = 0xbeef_beef;
const U32_BITS = 32;

/** IOMMU_TEST_OP_TRIGGER_VEVENT: the vIOMMU of a mock device reports an event about it. */
export const testTriggerVevent = defineOp({
  layout: IOMMU_TEST_OP_TRIGGER_VEVENT,
  source: "iommufd_test_trigger_vevent, drivers/iommu/iommufd/selftest.c (v7.3.4)",
  support: { level: "full" },
  adopts: {},
  execute(call) {
    const { dev_id } = call.args;
    const found = mockDeviceOrReject(call, dev_id);
    if (found === undefined) return;
    const { viommu, vdev_id } = found.mock;
    if (viommu === undefined || vdev_id === 0n) {
      return call.reject("ENOENT", `no vIOMMU knows device ${dev_id}`);
    }
    const veventq = viommu.veventqs.get(EVENT_TYPE);
    if (veventq === undefined) return call.reject("EOPNOTSUPP", "nobody listens to the vIOMMU");
    if (!call.accept()) return;
    const layout = iommu_viommu_event_selftest;
    const virt_id = Number(BigInt.asUintN(U32_BITS, vdev_id));
    veventq.report(encodeStruct(layout, { virt_id }, layout.length_bytes));
  },
});

import type { MachineFacts } from "../event/index.js";
import { AMD_VI, VTD_FIRST_STAGE, VTD_SECOND_STAGE } from "../iommufd/iommu-unit-presets.js";
import type { DeviceInventory } from "./device-inventory.js";

/** Takes over what a trace states about the machine's devices and the IOMMU in front of them. */
export function learnDeviceFacts(devices: DeviceInventory, facts: MachineFacts): void {
  const { iommu } = facts;
  if (iommu !== undefined) {
    if (/amd/i.test(iommu)) devices.unit.preset = AMD_VI;
    else if (/first/i.test(iommu)) devices.unit.preset = VTD_FIRST_STAGE;
    else if (/vt-?d|intel/i.test(iommu)) devices.unit.preset = VTD_SECOND_STAGE;
  }
  if (facts.devices !== undefined) devices.learn(facts.devices);
}

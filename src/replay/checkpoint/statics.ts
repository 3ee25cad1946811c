/**
 * What a machine's state refers to but does not own: profiles, kinds of IOMMU, handlers. They are
 * stored by name, because they hold functions and because there is only one of each.
 */

import * as hardwareDevice from "../../engine/iommufd/hardware-device.js";
import * as unitPresets from "../../engine/iommufd/iommu-unit-presets.js";
import { DEFAULT_KERNEL_CONFIG } from "../../engine/kernel-config.js";
import { HANDLERS } from "../../engine/liveupdate/handlers.js";
import { NO_WORDS } from "../../engine/memory/page-bits.js";
import { ABSENT_REGION } from "../../engine/ops/vfio-device-get-region-info.js";
import { PROFILES } from "../../engine/profile/index.js";
import { MOCK_NESTING } from "../../engine/selftest/mock-nesting.js";
import { MOCK_UNIT } from "../../engine/selftest/mock-unit.js";
import { VECTORS } from "../../engine/vfio/known-devices.js";
import { NO_SRIOV } from "../../engine/vfio/vf-token.js";

const ROOTS: Readonly<Record<string, object>> = {
  PROFILES,
  DEFAULT_KERNEL_CONFIG,
  HANDLERS,
  PCI_CAPABILITIES: hardwareDevice.PCI_CAPABILITIES,
  VTD_FIRST_STAGE: unitPresets.VTD_FIRST_STAGE,
  VTD_SECOND_STAGE: unitPresets.VTD_SECOND_STAGE,
  AMD_VI: unitPresets.AMD_VI,
  MOCK_UNIT,
  MOCK_NESTING,
  NO_SRIOV,
  NO_WORDS,
  ABSENT_REGION,
  VECTORS,
};

let known: ReadonlyMap<string, object> | undefined;

/** By name, such as `PROFILES.luo73`: what is named above and everything that hangs on it. */
export function staticObjects(): ReadonlyMap<string, object> {
  known ??= named();
  return known;
}

function named(): ReadonlyMap<string, object> {
  const names = new Map<object, string>();
  const visit = (thing: unknown, name: string): void => {
    const holds = (typeof thing === "object" && thing !== null) || typeof thing === "function";
    if (!holds || names.has(thing)) return;
    names.set(thing, name);
    for (const [key, value] of Object.entries(thing)) visit(value, `${name}.${key}`);
  };
  for (const [name, thing] of Object.entries(ROOTS)) visit(thing, name);
  return new Map([...names].map(([thing, name]) => [name, thing]));
}

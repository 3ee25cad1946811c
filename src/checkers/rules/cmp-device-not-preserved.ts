import { type PreservedDomainView, preservedName } from "../domains.js";
import { deviceName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";

export const cmpDeviceNotPreserved = defineRule({
  id: "cmp-device-not-preserved",
  family: "completeness",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "A device that may do DMA through a preserved page table is preserved with it.",
  sources: [
    "IOMMU live update v5: entries of devices that were not preserved are cleared at the kexec",
    "IOMMU live update RFC v2 (2025-12-02): device and HWPT must both be preserved",
  ],
  messages: {
    forgotten: "{device} is attached to {hwpt}, which crosses, may do DMA, and is not preserved",
  },

  create(context) {
    /** Seq since when a device may start transactions. */
    const awake = new Map<string, number>();
    /** The domains that the step at work wrote down. */
    let crossing: PreservedDomainView[] = [];
    return {
      on: {
        bus_master_changed({ device, enabled }, step) {
          if (enabled === true) awake.set(device.name, step.event.seq);
          else awake.delete(device.name);
        },
        device_reset({ device }, step) {
          // A reset clears bus mastering where the driver does not turn it on again.
          if (device.bus_master !== true) awake.delete(device.name);
          else awake.set(device.name, step.event.seq);
        },
        domain_serialized({ domain }) {
          crossing.push(domain);
        },
        serialized(_, step, view) {
          for (const device of view.devices.entries()) {
            if (device.bus_master !== true || device.preserved_as !== undefined) continue;
            const domain = crossing.find(({ hwpt }) => uses(device.hardware.group, hwpt));
            if (domain === undefined) continue;
            const name = deviceName(device.name);
            context.report({
              message: "forgotten",
              seq: step.event.seq,
              objects: [name],
              about: [preservedName(domain)],
              witness: [awake.get(device.name)],
              cause: step.event.seq,
              data: { device: name, hwpt: preservedName(domain) },
            });
          }
          crossing = [];
        },
      },
    };
  },
});

interface Group {
  readonly attached: ReadonlyMap<number, { readonly hwpt: object }>;
}

/** The group translates through the page table, directly or below a nested one. */
function uses({ attached }: Group, hwpt: object): boolean {
  for (const { hwpt: own } of attached.values()) {
    if (own === hwpt || (own as { readonly parent?: object }).parent === hwpt) return true;
  }
  return false;
}

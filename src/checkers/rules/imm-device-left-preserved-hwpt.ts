import { type PreservedDomainView, preservedName } from "../domains.js";
import { deviceName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import { pciOf } from "../subjects.js";
import type { MachineView, StepView, TransitionView } from "../view.js";

/** The page table that a device used when that was preserved, and since when it does not. */
interface Used {
  readonly domain: PreservedDomainView;
  readonly preserved_seq: number;
  left_seq: number | undefined;
}

/** Requests without a PASID. */
const NO_PASID = 0;

export const immDeviceLeftPreservedHwpt = defineRule({
  id: "imm-device-left-preserved-hwpt",
  family: "immutability",
  severity: "warning",
  profiles: DOMAIN_PROFILES,
  summary: "A device stays on its page table from the moment that is preserved.",
  sources: [
    "observed on a kernel with the series: only the preserve of the cdev locks the attachment",
  ],
  messages: {
    left: "{device} left {hwpt} after that was preserved: no table crosses that translates for it",
  },

  create(context) {
    /** By what the IOMMU sees of the device. */
    const used = new Map<object, Used>();

    function move(hardware: object, hwpt: object | undefined, step: StepView): void {
      const entry = used.get(hardware);
      if (entry === undefined) return;
      // Any preserved page table will do.
      const kept = (hwpt as { readonly preserved_as?: unknown } | undefined)?.preserved_as;
      entry.left_seq = kept === undefined ? step.event.seq : undefined;
    }

    function preserve(
      { domain }: TransitionView<"hwpt_preserved">,
      step: StepView,
      view: MachineView,
    ): void {
      for (const { hardware } of view.devices.entries()) {
        const hwpt = hardware.group.attached.get(NO_PASID)?.hwpt;
        if (hwpt !== domain.hwpt) continue;
        used.set(hardware, { domain, preserved_seq: step.event.seq, left_seq: undefined });
      }
    }

    return {
      on: {
        hwpt_preserved: preserve,
        hwpt_unpreserved({ domain }) {
          for (const [hardware, entry] of used) if (entry.domain === domain) used.delete(hardware);
        },
        device_attached({ device, pasid, hwpt }, step) {
          if (pasid === NO_PASID) move(device.hardware, hwpt, step);
        },
        device_detached({ device, pasid }, step) {
          if (pasid === NO_PASID) move(device.hardware, undefined, step);
        },
        serialized(_, step, view) {
          for (const [hardware, { domain, preserved_seq, left_seq }] of used) {
            const device = pciOf(view, hardware);
            const runs = device?.preserved_as !== undefined || device?.bus_master === true;
            if (left_seq === undefined || device === undefined || !runs) continue;
            const name = deviceName(device.name);
            context.report({
              message: "left",
              seq: step.event.seq,
              objects: [name],
              about: [preservedName(domain)],
              witness: [preserved_seq, left_seq],
              data: { device: name, hwpt: preservedName(domain) },
            });
          }
        },
        kernel_booted() {
          used.clear();
        },
      },
    };
  },
});

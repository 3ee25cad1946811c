import { succeeded } from "../answer.js";
import {
  domainName,
  liveDomains,
  type RestoredDomainView,
  type RestoredHwptView,
} from "../domains.js";
import { deviceName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import type { MachineView } from "../view.js";

/** Drivers that leave the device's DMA to user space or to nobody. */
const NO_DMA_API = /(^|-)vfio-pci$|^vfio|^pci-stub$|^pcieport$/;

export const ownKernelDriver = defineRule({
  id: "own-kernel-driver-on-preserved-device",
  family: "ownership",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "No kernel driver gets a device while a restored domain translates for it.",
  sources: [
    "the seed mail, A2: fetch the iommufd, close it, then bind a normal driver",
    "IOMMU live update v1 cover letter, 2026-02-03: the bind must fail",
  ],
  messages: {
    bound: "driver {driver} was bound to {device}, for which {domain} translates",
  },

  create(context) {
    /** Groups that left a domain, by domain: the bind itself takes the device out of the model. */
    const left = new WeakMap<RestoredDomainView, Set<object>>();

    function leave({ domain, group }: { domain: RestoredDomainView; group: object }): void {
      left.set(domain, (left.get(domain) ?? new Set<object>()).add(group));
    }

    /** The restored domain in front of a device. */
    function domainFor(view: MachineView, device: string): RestoredDomainView | undefined {
      return liveDomains(view).find((domain) => {
        if (!domain.attached) return false;
        return [...domain.devices].some(([{ group }, name]) => {
          // What is in the group of a preserved device translates through its domain, too.
          const meant = name === device || group.members.some((member) => member.name === device);
          return meant && left.get(domain)?.has(group) !== true;
        });
      });
    }

    return {
      on: {
        domain_replaced: leave,
        domain_released: leave,
        device_attached({ device, hwpt }) {
          if (hwpt.type !== "HWPT_PAGING" || hwpt.origin !== "restored") return;
          left.get((hwpt as RestoredHwptView).domain)?.delete(device.group);
        },
      },
      event: {
        driver_bind(event, step, view) {
          if (event.type !== "driver_bind" || !succeeded(step)) return;
          if (NO_DMA_API.test(event.driver)) return;
          const domain = domainFor(view, event.device);
          if (domain === undefined) return;
          const device = deviceName(event.device);
          context.report({
            message: "bound",
            seq: event.seq,
            objects: [device],
            about: [domainName(domain)],
            witness: [domain.table.serialized_seq],
            data: { driver: event.driver, device, domain: domainName(domain) },
          });
        },
      },
    };
  },
});

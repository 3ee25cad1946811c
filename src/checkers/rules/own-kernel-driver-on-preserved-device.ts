import { succeeded } from "../answer.js";
import { domainName, liveDomains } from "../domains.js";
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
    return {
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

/** The restored domain in front of a device's group. The device may have left VFIO by now. */
function domainFor(view: MachineView, device: string) {
  const group = view.devices.find(device)?.hardware.group;
  if (group?.restored !== undefined) return group.restored;
  return liveDomains(view).find(
    (domain) => domain.attached && [...domain.devices.values()].includes(device),
  );
}

import { domainName, type HwptView } from "../domains.js";
import { deviceName, objectName, rangeText, sessionName } from "../names.js";
import { DOMAIN_PROFILES, defineRule, NOTHING_TO_SAY } from "../rule.js";
import { pciOf } from "../subjects.js";

/** The attachment of the device itself, not of one of its PASIDs. */
const NO_PASID = 0;

/** A page table of the kernel before, and the kexec that it did not cross. */
interface Left {
  readonly hwpt: HwptView;
  readonly seq: number;
}

export const dmaLostTranslation = defineRule({
  id: "dma-lost-translation",
  family: "dma",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "What a device reached before the kexec it reaches after it, until it is replaced.",
  sources: ["the seed mail, A6: the attach at early boot changes nothing"],
  messages: {
    lost: "{device} does not reach {range}, which {domain} maps and still serves it",
    left: "{device} crossed and does not reach {range}: {hwpt}, which maps it, did not cross",
  },

  create(context) {
    /** Page tables that stayed behind while their device crossed, by device. */
    const left = new Map<string, Left>();

    return {
      // A routine transfer does not go through a restored domain.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        serialized(_, step, view) {
          left.clear();
          for (const device of view.devices.entries()) {
            if (device.preserved_as === undefined) continue;
            const hwpt = device.hardware.group.attached.get(NO_PASID)?.hwpt;
            if (hwpt?.type !== "HWPT_PAGING") continue;
            const table = hwpt as unknown as HwptView;
            if (table.preserved_as !== undefined) continue;
            left.set(device.name, { hwpt: table, seq: step.event.seq });
          }
        },
        kernel_booted({ how }) {
          if (how !== "kexec") left.clear();
        },
        // A driver of the kernel has a domain of its own.
        group_owner_changed({ group, after }, _step, view) {
          if (after?.kind !== "kernel" || left.size === 0) return;
          for (const member of group.members) left.delete(pciOf(view, member)?.name ?? member.name);
        },
        device_attached({ device }, _step, view) {
          const name = pciOf(view, device.hardware)?.name;
          if (name !== undefined) left.delete(name);
        },
        dma(transfer) {
          const { device, event, predicted } = transfer;
          if (event.observed !== "fault") return;
          const last = event.iova + BigInt(Math.max(event.length_bytes, 1)) - 1n;
          const behind = left.get(device.name);
          if (behind?.hwpt.ioas.areas.find(event.iova) !== undefined) {
            const hwpt = objectName(behind.hwpt);
            context.report({
              message: "left",
              seq: event.seq,
              objects: [deviceName(device.name), hwpt],
              witness: [behind.seq],
              data: {
                device: deviceName(device.name),
                range: rangeText(event.iova, last),
                hwpt,
              },
            });
          }
          if (predicted !== "ok") return;
          const domain = transfer.pieces[0]?.restored;
          if (domain === undefined || !domain.devices.has(device.hardware)) return;
          context.report({
            message: "lost",
            seq: event.seq,
            objects: [deviceName(device.name), domainName(domain)],
            about: [sessionName(domain.iommufd.session)],
            witness: [domain.table.serialized_seq, domain.table.kexec_seq],
            data: {
              device: deviceName(device.name),
              range: rangeText(event.iova, last),
              domain: domainName(domain),
            },
          });
        },
      },
    };
  },
});

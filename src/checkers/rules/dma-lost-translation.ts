import { domainName } from "../domains.js";
import { deviceName, rangeText, sessionName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";

export const dmaLostTranslation = defineRule({
  id: "dma-lost-translation",
  family: "dma",
  severity: "error",
  profiles: DOMAIN_PROFILES,
  summary: "What a device reached before the kexec it reaches after it, until it is replaced.",
  sources: ["the seed mail, A6: the attach at early boot changes nothing"],
  messages: {
    lost: "{device} does not reach {range}, which {domain} maps and still serves it",
  },

  create(context) {
    return {
      on: {
        dma({ device, event, predicted, pieces }) {
          if (event.observed !== "fault" || predicted !== "ok") return;
          const domain = pieces[0]?.restored;
          if (domain === undefined || !domain.devices.has(device.hardware)) return;
          const last = event.iova + BigInt(Math.max(event.length_bytes, 1)) - 1n;
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

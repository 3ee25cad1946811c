import { succeeded } from "../answer.js";
import { domainName } from "../domains.js";
import { deviceName, sessionName } from "../names.js";
import { defineRule, NOTHING_TO_SAY } from "../rule.js";
import { fileAt, numberField, objectOf, sessionAt } from "../subjects.js";

export const dmaByVfPreserved = defineRule({
  id: "dma-by-vf-preserved",
  family: "dma",
  severity: "error",
  profiles: ["p1v5", "p2"],
  summary: "Virtual functions are not preserved: the function they hang on is not, either.",
  sources: ["PCI live update (2026): virtual functions are refused", "VFIO roadmap, phase 5"],
  messages: {
    preserved: "virtual function {device} was preserved in {session}",
    ran: "virtual function {device} does DMA through {domain}",
  },

  create(context) {
    return {
      // A routine transfer does not go through a restored domain.
      routine: { dma: NOTHING_TO_SAY },
      on: {
        dma(transfer) {
          const { device, event } = transfer;
          if (transfer.restored === undefined) return;
          const domain = transfer.pieces[0]?.restored;
          if (!device.virtual_function || domain === undefined || event.observed !== "ok") return;
          const name = deviceName(device.name);
          context.report({
            message: "ran",
            seq: event.seq,
            objects: [name],
            witness: [domain.table.serialized_seq],
            data: { device: name, domain: domainName(domain) },
          });
        },
      },
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          const device = objectOf(file, "vfio_device")?.device;
          const session = sessionAt(view, event);
          if (device?.virtual_function !== true || session === undefined) return;
          if (!succeeded(step)) return;
          const name = deviceName(device.name);
          context.report({
            message: "preserved",
            seq: event.seq,
            objects: [name],
            about: [sessionName(session)],
            data: { device: name, session: sessionName(session) },
          });
        },
      },
    };
  },
});

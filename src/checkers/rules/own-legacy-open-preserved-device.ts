import type { Event } from "../../engine/event/index.js";
import { acceptedAgainst, succeeded } from "../answer.js";
import { deviceName, sessionName } from "../names.js";
import { defineRule, NOTHING_TO_SAY } from "../rule.js";
import type { PciDeviceView } from "../subjects.js";

const O_PATH = 0o10000000;
const NODE = /^\/dev\/vfio\/devices\/(.+)$/;

export const ownLegacyOpen = defineRule({
  id: "own-legacy-open-preserved-device",
  family: "ownership",
  severity: "error",
  profiles: ["p1v5", "p2"],
  summary: "A device that arrived is opened through its session only, until that is finished.",
  sources: ["VFIO live update v5 cover letter, 2026-07-14: EBUSY for every other open"],
  messages: {
    opened: "{how} gave out {device}, which arrived in {session} and is not finished",
  },

  create(context) {
    function report(event: Event, device: PciDeviceView | undefined, how: string): void {
      const arrived = device?.arrived_as;
      if (device === undefined || arrived === undefined) return;
      const name = deviceName(device.name);
      context.report({
        message: "opened",
        seq: event.seq,
        objects: [name],
        about: [sessionName(arrived.session)],
        witness: [arrived.preserved_seq],
        data: { how, device: name, session: sessionName(arrived.session) },
      });
    }

    return {
      // A routine open is of a file that the model does not look into.
      routine: { open: NOTHING_TO_SAY },
      event: {
        open(event, step, view) {
          const cdev = NODE.exec(event.path)?.[1];
          // O_PATH names the node and opens nothing.
          if (cdev === undefined || !succeeded(step) || (event.flags & O_PATH) !== 0) return;
          report(event, view.devices.find(cdev), "open");
        },
      },
      ioctl: {
        VFIO_GROUP_GET_DEVICE_FD(event, step, view) {
          if (!acceptedAgainst(step, "EBUSY")) return;
          const group = view.processes.get(event.pid)?.fds.get(event.fd)?.object;
          const number = (group as { number?: number } | undefined)?.number;
          if (number === undefined) return;
          const held = view.devices.findInGroup(number).find(({ arrived_as }) => arrived_as);
          report(event, held, "GROUP_GET_DEVICE_FD");
        },
      },
    };
  },
});

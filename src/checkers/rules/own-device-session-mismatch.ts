import { succeeded } from "../answer.js";
import { deviceName, sessionName } from "../names.js";
import { defineRule } from "../rule.js";
import { fileAt, luoFileOf, numberField, objectOf, sessionAt } from "../subjects.js";

export const ownDeviceSessionMismatch = defineRule({
  id: "own-device-session-mismatch",
  family: "ownership",
  severity: "error",
  profiles: ["seed", "p1v1", "p1v5", "p2"],
  summary: "A device is preserved in the session of its iommufd.",
  sources: ["iommufd_device_preserve, drivers/iommu/iommufd/device.c (IOMMU live update v5)"],
  messages: {
    split: "{device} is preserved in {own}, its iommufd in {other}",
  },

  create(context) {
    return {
      ioctl: {
        LIVEUPDATE_SESSION_PRESERVE_FD(event, step, view) {
          if (!succeeded(step)) return;
          const session = sessionAt(view, event);
          const file = fileAt(view, event.pid, numberField(event, "fd"));
          if (session === undefined || file === undefined) return;
          // Either half may come second.
          for (const device of view.devices.entries()) {
            const { bond } = device;
            if (bond === undefined || bond.object.attachment(0) === undefined) continue;
            const isCdev = objectOf(file, "vfio_device")?.device === device;
            if (!isCdev && bond.iommufd !== file) continue;
            const iommufd = luoFileOf(view, bond.iommufd);
            const cdev = preservedDevice(view.liveUpdate.preserved.values(), device);
            const own = isCdev ? session : cdev?.session;
            const other = isCdev ? iommufd?.session : session;
            if (own === undefined || other === undefined || own === other) continue;
            const name = deviceName(device.name);
            context.report({
              message: "split",
              seq: event.seq,
              objects: [name, sessionName(own), sessionName(other)],
              witness: [iommufd?.preserved_seq, cdev?.preserved_seq],
              data: { device: name, own: sessionName(own), other: sessionName(other) },
            });
          }
        },
      },
    };
  },
});

interface Entry {
  readonly session: { readonly serial: number; readonly name: string };
  readonly preserved_seq: number;
  readonly source: Parameters<typeof objectOf>[0];
}

function preservedDevice<E extends Entry>(entries: Iterable<E>, device: object): E | undefined {
  for (const entry of entries) {
    if (objectOf(entry.source, "vfio_device")?.device === device) return entry;
  }
  return undefined;
}

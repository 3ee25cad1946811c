import { deviceName } from "../names.js";
import { defineRule } from "../rule.js";

export const cmpInterruptsEnabledAtFreeze = defineRule({
  id: "cmp-interrupts-enabled-at-freeze",
  family: "completeness",
  severity: "error",
  profiles: ["p1v5"],
  summary: "The interrupts of a preserved device are off when the kexec is called.",
  sources: ["vfio_pci_liveupdate_freeze (VFIO live update v5): EINVAL, for all VMs"],
  messages: {
    on: "interrupts of {device}, which is preserved, are on at the kexec: it cannot be frozen",
  },

  create(context) {
    return {
      event: {
        reboot(event, _step, view) {
          if (event.cmd !== "kexec") return;
          for (const device of view.devices.entries()) {
            if (device.preserved_as === undefined || device.armed.size === 0) continue;
            const name = deviceName(device.name);
            context.report({
              message: "on",
              seq: event.seq,
              objects: [name],
              data: { device: name },
            });
          }
        },
      },
    };
  },
});

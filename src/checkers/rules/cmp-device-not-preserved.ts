import type { CrossingDomain } from "../crossing.js";
import { preservedName } from "../domains.js";
import { deviceName, sessionName } from "../names.js";
import { DOMAIN_PROFILES, defineRule } from "../rule.js";
import type { SessionView } from "../subjects.js";

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
    closed: "{device} was in {session}, which was closed, and may do DMA: it does not cross",
  },

  create(context) {
    /** Seq since when a device may start transactions. */
    const awake = new Map<string, number>();
    /** The domains that the step at work wrote down. */
    let crossing: CrossingDomain[] = [];
    /** The devices that the step at work took out of a session. */
    let unpreserved: string[] = [];
    /** Devices whose session was closed, and nobody called the update off. */
    const left = new Map<string, Left>();
    /** What is closed after that, until something is preserved again, is closed on purpose. */
    let called_off = false;
    return {
      on: {
        device_preserved({ device }) {
          called_off = false;
          left.delete(device.name);
        },
        device_unpreserved({ device }) {
          unpreserved.push(device.name);
        },
        session_closed({ session }, step) {
          const gone = called_off ? [] : unpreserved;
          for (const name of gone) left.set(name, { session, seq: step.event.seq });
          unpreserved = [];
        },
        kernel_booted() {
          left.clear();
        },
        bus_master_changed({ device, enabled }, step) {
          if (enabled === true) awake.set(device.name, step.event.seq);
          else awake.delete(device.name);
        },
        device_reset({ device }, step) {
          // A reset clears bus mastering where the driver does not turn it on again.
          if (device.bus_master !== true) awake.delete(device.name);
          else awake.set(device.name, step.event.seq);
        },
        domain_serialized({ domain, session }) {
          crossing.push({ domain, session });
        },
        serialized(_, step, view) {
          for (const device of view.devices.entries()) {
            if (device.bus_master !== true || device.preserved_as !== undefined) continue;
            const taken = crossing.find(({ domain: { hwpt } }) =>
              uses(device.hardware.group, hwpt),
            );
            const domain = taken?.domain;
            const name = deviceName(device.name);
            const closed = left.get(device.name);
            if (domain === undefined && closed !== undefined && isAttached(device.hardware)) {
              const session = sessionName(closed.session);
              context.report({
                message: "closed",
                seq: step.event.seq,
                objects: [name],
                about: [session],
                witness: [awake.get(device.name), closed.seq],
                data: { device: name, session },
              });
            }
            if (taken === undefined || domain === undefined) continue;
            // It was in a session that was closed: that is why it is missing in the new one.
            const before = closed === undefined ? [] : [sessionName(closed.session)];
            context.report({
              message: "forgotten",
              seq: step.event.seq,
              objects: [name],
              about: [preservedName(domain), sessionName(taken.session), ...before],
              witness: [awake.get(device.name)],
              cause: step.event.seq,
              data: { device: name, hwpt: preservedName(domain) },
            });
          }
          crossing = [];
        },
      },
      event: {
        marker(event) {
          if (event.what !== "cancel") return;
          called_off = true;
          left.clear();
        },
      },
    };
  },
});

/** Where a device was, and since when it is not. */
interface Left {
  readonly session: SessionView;
  readonly seq: number;
}

function isAttached({ group }: { readonly group: Group }): boolean {
  return group.attached.size > 0;
}

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

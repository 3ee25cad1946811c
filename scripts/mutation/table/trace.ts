/** Faults of the recorder: the lines say what cannot have been. */

import type { Event } from "../../../src/engine/event/index.js";
import { header, record } from "../change.js";
import { MEMORIES, MEMORY, type Mutation, RECORDED, TWO_DEVICES, VM } from "../mutation.js";
import { BOOT, END, ioctl, KEXEC, open } from "../select.js";

const EVERY = [VM, TWO_DEVICES, MEMORY, MEMORIES, RECORDED];

/** The same line with other fields. */
function changed(one: Event, fields: object): Event {
  return { ...one, ...fields } as Event;
}

function isCall(one: Event, name: string): boolean {
  return one.type === "ioctl" && one.op.endsWith(name);
}

function inStruct(one: Event, fields: object): Event {
  return one.type === "ioctl" ? changed(one, { in: { ...one.in, ...fields } }) : one;
}

export const TRACE: readonly Mutation[] = [
  {
    rule: "trace-epoch-regression",
    fault: "a kernel is missing between two others",
    of: EVERY,
    change: record(BOOT, (one) => [changed(one, { boot: 4 })]),
    at: ["here"],
  },
  {
    rule: "trace-fd-unknown",
    fault: "the open of a descriptor is missing",
    of: EVERY,
    change: record(open("/dev/liveupdate", { epoch: 1 }), () => []),
    at: ["CREATE_SESSION", "RETRIEVE_SESSION"],
    also: {
      "trace-impossible-result": "what was made through that descriptor is unknown to the model",
    },
  },
  {
    rule: "trace-fd-survives-kexec",
    fault: "a call of the kernel before stands behind the boot",
    of: EVERY.slice(0, 4),
    change: record(BOOT, (one, all, index) => [
      one,
      ...all
        .slice(0, index)
        .filter((other) => isCall(other, "PRESERVE_FD"))
        .slice(-1),
    ]),
    at: ["here"],
  },
  {
    rule: "trace-result-missing",
    fault: "a call has no result",
    of: EVERY,
    change: record(ioctl("PRESERVE_FD"), (one) => {
      const { ret: _, ...asked } = one as unknown as { [key: string]: unknown };
      return [asked as unknown as Event];
    }),
    at: ["here"],
  },
  {
    rule: "trace-impossible-result",
    fault: "RETRIEVE_FD succeeds for a token that was never preserved",
    of: EVERY,
    change: record(ioctl("SESSION_RETRIEVE_FD"), (one) => {
      const more = { ret: 0, out: { fd: 90 } };
      return [one, changed(inStruct(one, { token: 99n }), more)];
    }),
    at: ["here"],
  },
  {
    rule: "trace-timestamp-disorder",
    fault: "the clock of a process goes back",
    of: EVERY,
    change: record(ioctl("PRESERVE_FD"), (one) => [changed(one, { ts: 1, ts_end: 1 })]),
    at: ["here"],
  },
  {
    rule: "trace-size-field",
    fault: "a call succeeds with a struct that is too small for its kernel",
    of: EVERY,
    change: record(ioctl("SESSION_FINISH"), (one) => [inStruct(one, { size: 4 })]),
    at: ["here"],
  },
  {
    rule: "trace-kexec-without-reboot",
    fault: "the reboot before a kexec is missing",
    of: EVERY,
    change: record(KEXEC, () => []),
    at: ["boot"],
  },
  {
    rule: "trace-blackout-syscall",
    fault: "a call comes back after everything was written down",
    of: EVERY.slice(0, 4),
    change: record(KEXEC, (one, all, index) => {
      const session = all.slice(0, index).findLast((other) => isCall(other, "PRESERVE_FD"));
      const { pid, fd } = session as { pid: number; fd: number };
      const call = { type: "ioctl", op: "LIVEUPDATE_SESSION_GET_NAME", pid, fd } as const;
      return [one, { ...call, seq: 0, in: {}, ret: 0, out: { name: "vm1" } }];
    }),
    at: ["here"],
  },
  {
    rule: "trace-duplicate-object",
    fault: "an id is given out twice",
    of: [VM, TWO_DEVICES],
    change: record(END, (one, all) => [
      ...all
        .filter((other) => isCall(other, "IOAS_ALLOC"))
        .slice(-1)
        .map((other) => changed(other, { ts: one.ts })),
      one,
    ]),
    at: ["here"],
  },
  {
    rule: "trace-overlapping-map",
    fault: "a mapping is put over another one",
    of: [VM, TWO_DEVICES],
    change: record(ioctl("IOAS_MAP_FILE"), (one) => [one, one]),
    at: ["here"],
  },
  {
    rule: "trace-profile-missing",
    fault: "the header names no profile",
    of: [MEMORY, MEMORIES],
    change: header(({ profile: _, ...rest }) => rest),
  },
];

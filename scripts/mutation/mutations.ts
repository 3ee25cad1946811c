/** The mutations, each with the rules that own the fault it makes. */

import type { IoctlEvent } from "../../src/engine/event/index.js";
import type { ProfileId } from "../../src/engine/profile/index.js";
import type { PlannedEvent } from "../../src/replay/scenario/scenario.js";
import type { OneChange, Selector } from "./mutant.js";

export interface Mutation extends OneChange {
  readonly id: string;
  /** Names of the scenarios it is made in; each is clean without it. */
  readonly scenarios: readonly string[];
  /** The rules one of which must find the fault. Empty: the program is as good without the call. */
  readonly owners: (profile: ProfileId) => readonly string[];
}

const ONE_VM = ["S01-one-vm-one-device"];
const TWO = ["S03-two-devices-one-hwpt"];
const VMS = [...ONE_VM, ...TWO];
const MEMORY = ["S02-memfd-only", "S09-memfds-retrieved-in-reverse"];
const ALL = [...VMS, ...MEMORY];

interface Where {
  readonly epoch?: number;
  readonly token?: bigint;
}

function ioctl(op: string, where: Where = {}): Selector {
  return (event: PlannedEvent, epoch) => {
    if (event.type !== "ioctl" || event.op !== op) return false;
    if (where.epoch !== undefined && where.epoch !== epoch) return false;
    return where.token === undefined || (event as IoctlEvent).in?.["token"] === where.token;
  };
}

const PRESERVE = "LIVEUPDATE_SESSION_PRESERVE_FD";
const RETRIEVE = "LIVEUPDATE_SESSION_RETRIEVE_FD";
const FINISH = "LIVEUPDATE_SESSION_FINISH";
const RETRIEVE_SESSION = "LIVEUPDATE_IOCTL_RETRIEVE_SESSION";
const MAP_FILE = "IOMMU_IOAS_MAP_FILE";
const ATTACH = "VFIO_DEVICE_ATTACH_IOMMUFD_PT";
const RESTORE = "IOMMU_HWPT_LU_RESTORE";

type Owners = readonly string[] | Partial<Record<ProfileId | "others", readonly string[]>>;

function mutation(
  id: string,
  scenarios: readonly string[],
  change: OneChange["change"],
  select: Selector,
  owners: Owners,
): Mutation {
  const owned = (profile: ProfileId): readonly string[] => {
    if (Array.isArray(owners)) return owners as readonly string[];
    const table = owners as Partial<Record<ProfileId | "others", readonly string[]>>;
    return table[profile] ?? table.others ?? [];
  };
  return { id, scenarios, change, select, owners: owned };
}

export const MUTATIONS: readonly Mutation[] = [
  mutation("forget PRESERVE_FD of the memory", VMS, "drop", ioctl(PRESERVE, { token: 1n }), {
    rfc2: ["cmp-mapped-memory-not-preserved"],
    others: ["ses-order-violation"],
  }),
  mutation("forget PRESERVE_FD of the device", ONE_VM, "drop", ioctl(PRESERVE, { token: 3n }), [
    "cmp-device-not-preserved",
  ]),
  mutation("forget PRESERVE_FD of one device", TWO, "drop", ioctl(PRESERVE, { token: 4n }), [
    "cmp-device-not-preserved",
  ]),
  mutation("iommufd before its memory", VMS, "delay", ioctl(PRESERVE, { token: 1n }), {
    // This kernel does not ask for an order.
    rfc2: [],
    others: ["ses-order-violation"],
  }),
  mutation("PRESERVE_FD twice", ALL, "repeat", ioctl(PRESERVE, { token: 1n }), ["ses-token-reuse"]),
  mutation("session closed early", VMS, "close", ioctl(PRESERVE, { token: 3n }), [
    "ses-closed-before-kexec",
  ]),
  mutation("forget to mark", ONE_VM, "drop", ioctl("IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE"), [
    "cmp-hwpt-not-marked",
  ]),
  mutation("forget RETRIEVE_SESSION", ALL, "drop", ioctl(RETRIEVE_SESSION), [
    "leak-session-never-retrieved",
  ]),
  mutation("RETRIEVE_SESSION twice", ALL, "repeat", ioctl(RETRIEVE_SESSION), [
    "ses-retrieve-session-twice",
  ]),
  mutation("forget RETRIEVE_FD of the memory", MEMORY, "drop", ioctl(RETRIEVE, { token: 1n }), [
    "leak-file-not-retrieved-at-finish",
    "ses-finish-without-retrieve",
  ]),
  mutation("RETRIEVE_FD twice", ALL, "repeat", ioctl(RETRIEVE, { token: 1n }), []),
  mutation("forget RETRIEVE_FD of the device", VMS, "drop", ioctl(RETRIEVE, { token: 3n }), [
    "leak-session-stuck",
  ]),
  mutation("restore twice", VMS, "repeat", ioctl(RESTORE), {
    seed: [],
    others: ["api-restore-twice"],
  }),
  mutation("forget to restore", VMS, "drop", ioctl(RESTORE), {
    // The kernel made the handle by itself; nobody destroys it.
    seed: ["leak-restored-hwpt-after-replace"],
    others: ["leak-hwpt-not-restored", "leak-session-stuck"],
  }),
  mutation("map after the replacement", VMS, "drop", ioctl(MAP_FILE, { epoch: 2 }), [
    "dma-replacement-hole",
  ]),
  mutation("forget to replace", ONE_VM, "drop", ioctl(ATTACH, { epoch: 2 }), [
    "leak-session-stuck",
    "api-destroy-restored-before-replace",
  ]),
  mutation("destroy before replace", ONE_VM, "delay", ioctl(ATTACH, { epoch: 2 }), [
    "api-destroy-restored-before-replace",
  ]),
  mutation(
    "forget to destroy",
    VMS,
    "drop",
    (event, epoch) => epoch === 2 && event.type === "ioctl" && event.op === "IOMMU_DESTROY",
    ["leak-restored-hwpt-after-replace"],
  ),
  mutation("forget FINISH", ALL, "drop", ioctl(FINISH), []),
  mutation("FINISH twice", ALL, "repeat", ioctl(FINISH), []),
  mutation("die before FINISH", VMS, "crash", ioctl(FINISH), []),
  mutation("die before the restore", VMS, "crash", ioctl(RETRIEVE, { token: 1n }), [
    "leak-session-stuck",
  ]),
  mutation("die before the replacement", VMS, "crash", ioctl(ATTACH, { epoch: 2 }), [
    "leak-session-stuck",
  ]),
  mutation("die before the preserve", ONE_VM, "crash", ioctl(PRESERVE, { token: 1n }), []),
];

/**
 * The same story as another run would have recorded it: other pids, descriptors, object ids, tokens
 * and user addresses, each renamed in the same way wherever it stands.
 */

import type { Event } from "../../../src/engine/event/index.js";

export interface Renaming {
  pid(pid: number): number;
  fd(fd: number): number;
  id(id: number): number;
  token(token: bigint): bigint;
  address(address: bigint): bigint;
}

/** Numbers below this are renamed among themselves; it is a prime. */
const NUMBERS = 499;
const STANDARD_FDS = 3;
const FIRST_PID = 100;
const PAGE = 0x1000n;

/** A renaming for each whole number; 0 renames nothing. */
export function renamingOf(seed: number): Renaming {
  const factor = 1 + (seed % (NUMBERS - 1));
  const shuffle = (number: number, first: number): number =>
    number < first || number >= first + NUMBERS
      ? number
      : first + (((number - first) * factor + seed) % NUMBERS);
  return {
    pid: (pid) => shuffle(pid, FIRST_PID),
    fd: (fd) => shuffle(fd, STANDARD_FDS),
    id: (id) => shuffle(id, 1),
    token: (token) => token ^ BigInt(seed & 0xffff),
    address: (address) => address + BigInt(seed) * PAGE,
  };
}

type Change = (value: never, names: Renaming) => unknown;
type Changes = Readonly<Record<string, Change>>;

const pid: Change = (value: number, names) => (value > 0 ? names.pid(value) : value);
const fd: Change = (value: number, names) => names.fd(value);
const fds: Change = (value: readonly number[], names) => value.map((number) => names.fd(number));
const id: Change = (value: number, names) => names.id(value);
const token: Change = (value: bigint, names) => names.token(value);
const shortToken: Change = (value: number | bigint, names) =>
  typeof value === "bigint" ? names.token(value) : Number(names.token(BigInt(value)));
const address: Change = (value: bigint | number, names) =>
  typeof value === "bigint" && value !== 0n ? names.address(value) : value;

const FIELDS: Changes = {
  ...{ pid, child: pid, ppid: pid, fd, dirfd: fd, socket: fd, fds, newfd: fd },
  ...{ addr: address, address, new_addr: address, user_va: address },
};

/** Calls whose return value is a descriptor or a pid. */
const RESULTS: Readonly<Record<string, Change>> = {
  ...{ open: fd, dup: fd, memfd_create: fd, fork: pid, wait: pid },
  ...{ kvm_create_vm: fd, kvm_create_guest_memfd: fd, VFIO_GROUP_GET_DEVICE_FD: fd },
};

const STRUCT_FIELDS: Changes = {
  ...{ fd, iommufd: fd, dmabuf_fd: fd, container: fd, out_fault_fd: fd, out_veventq_fd: fd },
  ...{ id, object_id: id, vdev_id: id, fault_id: id, pt_id: id, dev_id: id, hwpt_id: id },
  ...{ ioas_id: id, src_ioas_id: id, dst_ioas_id: id, viommu_id: id, out_devid: id },
  ...{ out_ioas_id: id, out_hwpt_id: id, out_viommu_id: id, out_vdevice_id: id },
  ...{ out_fault_id: id, out_veventq_id: id, out_hw_queue_id: id, out_idev_id: id },
  ...{ out_stdev_id: id, token, hwpt_token: shortToken, user_va: address, vaddr: address },
};

export function renamed(event: Event, names: Renaming): Event {
  const renamedEvent: Record<string, unknown> = changed(event, FIELDS, names);
  const result = RESULTS[event.type === "ioctl" ? event.op : event.type];
  const ret = renamedEvent["ret"];
  if (result !== undefined && typeof ret === "number" && ret >= 0) {
    renamedEvent["ret"] = result(ret as never, names);
  }
  if (event.type === "kill") renamedEvent["target"] = pid(event.target as never, names);
  if (event.type === "dup" && event.target !== undefined) {
    renamedEvent["target"] = names.fd(event.target);
  }
  if (event.type !== "ioctl") return renamedEvent as unknown as Event;
  const { in: before, out } = event;
  if (before) renamedEvent["in"] = changed(before, STRUCT_FIELDS, names);
  if (out !== undefined) renamedEvent["out"] = changed(out, STRUCT_FIELDS, names);
  return renamedEvent as unknown as Event;
}

function changed(object: object, changes: Changes, names: Renaming): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).map(([key, value]) => {
      const change = value === undefined || value === null ? undefined : changes[key];
      return [key, change === undefined ? value : change(value as never, names)];
    }),
  );
}

/**
 * ioctl(2) on /dev/iommu: generic checks, then the operation.
 *
 * @source iommufd_fops_ioctl, drivers/iommu/iommufd/main.c (v7.3.4)
 */

import { IOMMU_TEST_CMD_REQUEST, requestByName, UNKNOWN_REQUEST } from "../abi/requests.js";
import { Call } from "../call/call.js";
import { checkStructSize } from "../call/front.js";
import { IoctlCall } from "../call/ioctl-call.js";
import type { Outcome } from "../call/outcome.js";
import type { IoctlEvent } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import { IOMMUFD_OPS } from "../ops/iommufd.js";
import type { Process } from "../process/process.js";

const FIRST_NR = 0x80;
/** The last table entry, without and with the selftest driver. */
const LAST_NR = 0x95;
const LAST_TEST_NR = 0xa0;

/** The full request number of an event: stated, or what its name means under the profile. */
export function requestOf(machine: Machine, event: IoctlEvent): number {
  if (event.request !== undefined) return event.request;
  return machine.profile.requests[event.op] ?? requestByName(event.op)?.request ?? 0;
}

export function dispatchIommufd(
  machine: Machine,
  process: Process,
  event: IoctlEvent,
  file: OpenFile,
): Outcome {
  const request = requestOf(machine, event);
  const nr = request & 0xff;
  const { iommufd_test } = machine.config;
  // What the table does not reach goes to the VFIO compat ioctls, which know no other requests.
  const isInTable = nr >= FIRST_NR && nr <= (iommufd_test ? LAST_TEST_NR : LAST_NR);
  if (isInTable && (event.in === null || event.in === undefined)) {
    const plain = new Call(machine, process, event);
    plain.reject("EFAULT", "the size word cannot be read");
    return plain;
  }
  const op = IOMMUFD_OPS.get(event.op);
  if (op === undefined) {
    const plain = new Call(machine, process, event);
    // A request that is no table entry, or one whose type, direction or size bits differ.
    if (event.op === UNKNOWN_REQUEST || (request === IOMMU_TEST_CMD_REQUEST && !iommufd_test)) {
      plain.reject("ENOTTY", "no such request");
    } else if (request === IOMMU_TEST_CMD_REQUEST) {
      rejectUnknownTest(plain);
    } else {
      plain.unmodelled(`${event.op} is not modelled`);
    }
    return plain;
  }
  if (op.by_profile === true && machine.profile.requests[event.op] === undefined) {
    const plain = new Call(machine, process, event);
    plain.reject("ENOTTY", "this kernel has no such request");
    return plain;
  }
  if (request === IOMMU_TEST_CMD_REQUEST && !iommufd_test) {
    const plain = new Call(machine, process, event);
    plain.reject("ENOTTY", "the kernel has no selftest driver");
    return plain;
  }
  const call = new IoctlCall(machine, process, event, file, op.layout, op.adopts);
  if (nr >= FIRST_NR && !checkStructSize(call)) return call;
  op.execute(call);
  if (call.errno !== undefined && call.observedSuccess) op.follow?.(call);
  return call;
}

const TEST_MINIMUM_BYTES = 68;
const TEST_BYTES = 72;

/**
 * A selftest operation that does not exist: the struct is checked first like any other.
 *
 * @source iommufd_test, drivers/iommu/iommufd/selftest.c (v7.3.4)
 */
function rejectUnknownTest(call: Call<IoctlEvent>): void {
  const { in: fields, tail, arg } = call.event;
  const size = Number(fields?.["size"] ?? TEST_BYTES);
  const excess = tail?.subarray(TEST_BYTES - SIZE_WORD_BYTES) ?? [];
  if (size < TEST_MINIMUM_BYTES) {
    call.reject("EINVAL", `size ${size} is below the minimum ${TEST_MINIMUM_BYTES}`);
  } else if (excess.some((byte) => byte !== 0)) {
    call.reject("E2BIG", "bytes behind the struct are not zero");
  } else if (arg !== undefined && !call.process.mm.isReadable(arg, BigInt(size))) {
    call.reject("EFAULT", "the struct cannot be read to its end");
  } else call.reject("EOPNOTSUPP", "no such selftest operation");
}

const SIZE_WORD_BYTES = 4;

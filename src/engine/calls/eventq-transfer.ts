/** Reading and answering fault queues, reading event queues (iommufd.md 8 and 10.3). */

import { decodeStruct } from "../abi/layout.js";
import { iommu_hwpt_page_response, iommu_hwpt_pgfault } from "../abi/nested.js";
import type { Call } from "../call/call.js";
import type { Errno } from "../errno.js";
import type { EventOf } from "../event/index.js";
import type { OpenFile } from "../file/open-file.js";
import { FaultQueueFile, VeventqFile } from "../iommufd/eventq-file.js";
import type { Fault } from "../iommufd/fault.js";

type ReadCall = Call<EventOf<"read" | "pread">>;
type WriteCall = Call<EventOf<"write" | "pwrite">>;

const FAULT_BYTES = BigInt(iommu_hwpt_pgfault.length_bytes);
const RESPONSE_BYTES = iommu_hwpt_page_response.length_bytes;
const HEADER_BYTES = 8n;
/** A trace holds at most this much of the data of one call, in bytes. */
const RECORDED_DATA_BYTES = 4096;

/** @source iommufd_fault_fops_read, drivers/iommu/iommufd/eventq.c (v7.3.4) */
export function readFaultQueue(call: ReadCall, file: OpenFile): void {
  const { object } = file;
  if (!(object instanceof FaultQueueFile)) return;
  const { count } = call.event;
  const { queue } = object;
  if (offsetOf(call, file) !== 0n || count % FAULT_BYTES !== 0n) {
    call.reject("ESPIPE", "the offset is not 0, or the count holds no whole records");
  } else deliver(call, queue.planRead(count), (delivery) => queue.deliver(delivery));
}

/** @source iommufd_fault_fops_write, drivers/iommu/iommufd/eventq.c (v7.3.4) */
export function writeFaultQueue(call: WriteCall, file: OpenFile): void {
  const { object } = file;
  if (!(object instanceof FaultQueueFile)) return;
  const { count, data } = call.event;
  if (offsetOf(call, file) !== 0n || count % BigInt(RESPONSE_BYTES) !== 0n) {
    call.reject("ESPIPE", "the offset is not 0, or the count holds no whole answers");
  } else if (data === undefined) call.unjudged();
  else answer(call, data, object.queue);
}

/** @source iommufd_veventq_fops_read, drivers/iommu/iommufd/eventq.c (v7.3.4) */
export function readVeventq(call: ReadCall, file: OpenFile): void {
  const { object } = file;
  if (!(object instanceof VeventqFile)) return;
  const { count } = call.event;
  const { queue } = object;
  if (offsetOf(call, file) !== 0n) call.reject("ESPIPE", "the offset is not 0");
  else if (count < HEADER_BYTES) call.reject("EINVAL", "not even a header fits");
  else deliver(call, queue.planRead(count), (delivery) => queue.deliver(delivery));
}

function deliver<Delivery extends { readonly bytes: Uint8Array }>(
  call: ReadCall,
  planned: Delivery | Errno,
  apply: (delivery: Delivery) => void,
): void {
  if (typeof planned === "string") {
    call.reject(planned, "the oldest record does not fit");
  } else if (call.accept(planned.bytes.length)) {
    call.data = planned.bytes.subarray(0, RECORDED_DATA_BYTES);
    apply(planned);
  }
}

/** Answers before a bad one count; only a bad first one is an error. */
function answer(call: WriteCall, data: Uint8Array, fault: Fault): void {
  const { cookies, errno } = answersIn(data, fault);
  if (cookies.length === 0 && errno !== undefined) call.reject(errno, "no such request");
  else if (call.accept(cookies.length * RESPONSE_BYTES)) {
    for (const cookie of cookies) fault.answer(cookie);
  }
}

/** Event queues take no answers. */
export function writeVeventq(call: WriteCall): void {
  call.reject("EINVAL", "an event queue cannot be written");
}

function offsetOf(call: ReadCall | WriteCall, file: OpenFile): bigint {
  return call.event.offset ?? file.position;
}

/** Answers up to the first that names no waiting request, or answers neither 0 nor 1. */
function answersIn(data: Uint8Array, fault: Fault): { cookies: number[]; errno?: Errno } {
  const cookies: number[] = [];
  for (let at = 0; at + RESPONSE_BYTES <= data.length; at += RESPONSE_BYTES) {
    const raw = data.subarray(at, at + RESPONSE_BYTES);
    const { cookie, code } = decodeStruct(iommu_hwpt_page_response, raw).values;
    const known = fault.unanswered.has(Number(cookie)) && !cookies.includes(Number(cookie));
    if (Number(code) > 1 || !known) return { cookies, errno: "EINVAL" };
    cookies.push(Number(cookie));
  }
  return { cookies };
}

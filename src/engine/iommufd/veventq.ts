import { encodeStruct } from "../abi/layout.js";
import { iommufd_vevent_header } from "../abi/nested.js";
import type { Errno } from "../errno.js";
import { IommufdObject } from "./object.js";
import type { Viommu } from "./viommu.js";

const HEADER_BYTES = iommufd_vevent_header.length_bytes;
const FLAG_LOST_EVENTS = 1;
const SEQUENCE_MODULO = 0x8000_0000;

/** An event in the queue, or the mark that events were lost (no payload). */
export interface Vevent {
  readonly sequence: number;
  readonly payload: Uint8Array | undefined;
}

/** Events a read would deliver. */
export interface VeventDelivery {
  readonly bytes: Uint8Array;
  readonly count: number;
}

/**
 * A queue of events for the guest of a vIOMMU. Every report takes a sequence number; what does not
 * fit leaves a mark at the end of the queue.
 *
 * @source iommufd_viommu_report_event, drivers/iommu/iommufd/driver.c (v7.3.4)
 */
export class Veventq extends IommufdObject {
  readonly type = "VEVENTQ";
  private readonly _events: Vevent[] = [];
  private _sequence = 0;

  constructor(
    serial: number,
    readonly viommu: Viommu,
    readonly event_type: number,
    /** Most events it holds; the mark of lost events does not count. */
    readonly depth: number,
  ) {
    super(viommu.context, serial);
  }

  /** Undelivered events, oldest first. */
  get events(): readonly Vevent[] {
    return this._events;
  }

  publish(id: number): void {
    this.viommu.veventqs.set(this.event_type, this);
    this.viommu.use();
    this.context.add(this, id);
  }

  /** The driver reports an event; it is queued, or lost where the queue is full. */
  report(payload: Uint8Array): void {
    const marked = this._events.at(-1);
    const hasMark = marked !== undefined && marked.payload === undefined;
    const queued = this._events.length - (hasMark ? 1 : 0);
    const lost = queued >= this.depth;
    if (hasMark) this._events.pop();
    const event = { sequence: this._sequence, payload: lost ? undefined : payload };
    this._events.push(event);
    this._sequence = (this._sequence + 1) % SEQUENCE_MODULO;
    this.context.machine.emit({ kind: "vevent_queued", veventq: this, event, lost });
  }

  /**
   * What a read of `count` bytes delivers: whole records, oldest first, as many as fit. EINVAL when
   * the first is an event and does not fit. An empty queue gives no bytes; reading never waits.
   */
  planRead(count: bigint): VeventDelivery | Errno {
    const records: Uint8Array[] = [];
    let length = 0;
    for (const event of this._events) {
      const record = recordOf(event);
      if (BigInt(length + record.length) > count) {
        if (records.length === 0) return "EINVAL";
        break;
      }
      records.push(record);
      length += record.length;
    }
    return { bytes: new Uint8Array(Buffer.concat(records)), count: records.length };
  }

  deliver({ count }: VeventDelivery): void {
    this._events.splice(0, count);
  }

  override destroy(): void {
    this.viommu.veventqs.delete(this.event_type);
    this.viommu.unuse();
  }
}

function recordOf({ sequence, payload }: Vevent): Uint8Array {
  const flags = payload === undefined ? FLAG_LOST_EVENTS : 0;
  const record = new Uint8Array(HEADER_BYTES + (payload?.length ?? 0));
  record.set(encodeStruct(iommufd_vevent_header, { flags, sequence }, HEADER_BYTES));
  if (payload !== undefined) record.set(payload, HEADER_BYTES);
  return record;
}

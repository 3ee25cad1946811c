import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import { pathOf } from "../dma/path.js";
import { moveToDevice, moveToMemory } from "../dma/transfer.js";
import { faultOf, outcomeOf, translateDma } from "../dma/translate.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** No engine moves more in one go; every page of it would be a step. */
const LONGEST_BYTES = 0x4000_0000;

/**
 * A transfer of a device: the model says, from what is attached and mapped, whether it reaches
 * memory and which memory that is. What the trace observed decides about the data that moves.
 */
export function dma(machine: Machine, event: EventOf<"dma">): Outcome {
  const call = new Call(machine, machine.nobody, event);
  const device = machine.devices.find(event.device);
  if (device === undefined || event.length_bytes > LONGEST_BYTES) {
    call.unjudged();
    return call;
  }
  const write = event.direction === "write";
  const request = { iova: event.iova, length_bytes: event.length_bytes, write };
  const pieces = translateDma(pathOf(device, event.pasid ?? 0), request);
  const predicted = outcomeOf(pieces);
  if (predicted === undefined || event.observed === "unknown") call.unjudged();
  else call.claims = { observed: predicted };
  call.decided_by = faultOf(pieces);
  const happened = event.observed === "unknown" ? (predicted ?? "fault") : event.observed;
  if (happened === predicted || predicted === undefined) {
    const transfer = {
      iova: event.iova,
      memory: device.memory,
      device_offset: event.device_offset,
      data: event.data,
    };
    if (write) moveToMemory(transfer, pieces);
    else moveToDevice(transfer, pieces);
  }
  machine.emit({ kind: "dma", device, event, predicted, happened, pieces });
  return call;
}

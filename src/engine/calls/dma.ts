import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import { pathOf } from "../dma/path.js";
import { commitPlainDma, LONGEST_BYTES, type PlainDma, preparePlainDma } from "../dma/plain-dma.js";
import type { DmaPiece } from "../dma/target.js";
import { moveToDevice, moveToMemory } from "../dma/transfer.js";
import { faultOf, outcomeOf, translateDma } from "../dma/translate.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";
import type { PciDevice } from "../vfio/pci-device.js";

/**
 * A transfer of a device: the model says, from what is attached and mapped, whether it reaches
 * memory and which memory that is. What the trace observed decides about the data that moves.
 */
export function dma(machine: Machine, event: EventOf<"dma">): Outcome {
  const call = new Call(machine, machine.nobody, event);
  const plain = plainOf(event);
  if (plain !== undefined && preparePlainDma(machine, plain) && plain.device !== undefined) {
    call.claims = REACHED;
    commitPlainDma(machine, plain);
    machine.emit(new PlainTransfer(plain.device, event));
    return call;
  }
  const device = machine.devices.find(event.device);
  if (device === undefined || event.length_bytes > LONGEST_BYTES) {
    call.unjudged();
    return call;
  }
  if (event.observed === "ok") device.reached_seq = event.seq;
  const write = event.direction === "write";
  const path = pathOf(device, event.pasid ?? 0);
  const pieces = translateDma(path, requestOf(event));
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
  const { restored } = path;
  machine.emit({ kind: "dma", device, event, predicted, happened, restored, pieces });
  return call;
}

const REACHED = Object.freeze({ observed: "ok" });

/** Used again for every transfer. */
const PLAIN: { -readonly [Key in keyof PlainDma]: PlainDma[Key] } = {
  device_name: "",
  iova: 0,
  length: 0,
  write: false,
  device: undefined,
  object: undefined,
  offset: 0,
};

/** The transfer in plain numbers, where it may be an ordinary one. */
function plainOf(event: EventOf<"dma">): PlainDma | undefined {
  if (event.observed !== "ok" || event.pasid !== undefined) return undefined;
  if (event.data !== undefined || event.device_offset !== undefined) return undefined;
  PLAIN.device_name = event.device;
  PLAIN.iova = Number(event.iova);
  PLAIN.length = event.length_bytes;
  PLAIN.write = event.direction === "write";
  return PLAIN;
}

/** What an ordinary transfer reports: its pieces are made when somebody asks for them. */
class PlainTransfer {
  readonly kind = "dma";
  readonly predicted = "ok";
  readonly happened = "ok";
  readonly restored = undefined;
  private made: readonly DmaPiece[] | undefined;

  constructor(
    readonly device: PciDevice,
    readonly event: EventOf<"dma">,
  ) {}

  get pieces(): readonly DmaPiece[] {
    this.made ??= translateDma(pathOf(this.device, 0), requestOf(this.event));
    return this.made;
  }
}

function requestOf({ iova, length_bytes, direction }: EventOf<"dma">) {
  return { iova, length_bytes, write: direction === "write" };
}

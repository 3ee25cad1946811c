import { Call } from "../call/call.js";
import type { Outcome } from "../call/outcome.js";
import { pathOf } from "../dma/path.js";
import { faultOf, outcomeOf, translateDma } from "../dma/translate.js";
import type { EventOf } from "../event/index.js";
import type { Machine } from "../machine.js";

/** What the IOMMU logged for one address, against what the attached domain says about it. */
export function iommuTranslation(machine: Machine, event: EventOf<"iommu_translation">): Outcome {
  const call = new Call(machine, machine.nobody, event);
  const device = machine.devices.find(event.device);
  if (device === undefined || event.write === undefined) {
    call.unjudged();
    return call;
  }
  const request = { iova: event.iova, length_bytes: 1, write: event.write };
  const pieces = translateDma(pathOf(device, 0), request);
  const predicted = outcomeOf(pieces);
  call.decided_by = faultOf(pieces);
  if (predicted === undefined) call.unjudged();
  else if (predicted === "fault") call.claims = { outcome: "fault" };
  // Whether the translation was cached is not modelled: a hit and a walk are the same.
  else call.claims = { outcome: event.outcome === "fault" ? "walk" : event.outcome };
  return call;
}

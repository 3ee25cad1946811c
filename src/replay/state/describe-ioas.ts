/** Areas of an IOAS in a state document; made while they are read, for there can be a million. */

import type { Area } from "../../engine/iommufd/areas.js";
import { DmabufBacking } from "../../engine/iommufd/backing-dmabuf.js";
import type { Ioas } from "../../engine/iommufd/ioas.js";
import { FILES } from "./describe-file.js";
import { ADDRESS_SPACES, memoryName } from "./describe-memory.js";
import { hexText, type Naming, onlyIf, rangeText } from "./naming.js";
import { LazyList, type StateObject } from "./state-value.js";

export function describeIoas(ioas: Ioas, naming: Naming): StateObject {
  // Names have to be given now, in order: later the list may be read at any time.
  for (const area of ioas.areas) nameMemory(area, naming);
  return {
    reserved: ioas.reserved.merged.map(rangeText),
    allowed: ioas.allowed.merged.map(rangeText),
    large_pages_disabled: onlyIf(ioas.largePagesDisabled),
    areas: new LazyList(function* () {
      for (const area of ioas.areas) yield describeArea(area, naming);
    }),
  };
}

function describeArea(area: Area, naming: Naming): StateObject {
  const { backing } = area;
  return {
    first: hexText(area.first),
    last: hexText(area.last),
    rights: rightsText(area),
    memory: ownerName(area, naming),
    offset: hexText(backing.base + area.start),
    accounting: backing.accounting === "none" ? undefined : backing.accounting,
    pinned: pinnedText(area, naming),
    disabled: onlyIf(backing instanceof DmabufBacking && backing.disabled),
    accesses: area.accesses === 0 ? undefined : area.accesses,
    locks: area.locks === 0 ? undefined : area.locks,
  };
}

function nameMemory(area: Area, naming: Naming): void {
  ownerName(area, naming);
  pinnedText(area, naming);
}

/** The file that was mapped, or the address space whose addresses were. */
function ownerName({ backing }: Area, naming: Naming): string {
  if (backing.file !== undefined) return naming.name(FILES, backing.file);
  return naming.name(ADDRESS_SPACES, backing.owner.mm);
}

/** The pages that are pinned for the area, as they were when they were pinned. */
function pinnedText(area: Area, naming: Naming): string[] | undefined {
  const { pins } = area.backing;
  if (pins === undefined) return undefined;
  const runs: string[] = [];
  for (const run of pins.runs(area.firstPage, area.lastPage)) {
    runs.push(`${rangeText(run)} ${memoryName(run.object, naming)} + ${hexText(run.offset)}`);
  }
  return runs;
}

function rightsText({ readable, writable }: { readable: boolean; writable: boolean }): string {
  return `${readable ? "r" : ""}${writable ? "w" : ""}`;
}

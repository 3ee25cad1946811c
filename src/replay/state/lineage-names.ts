/** Names of a state's things that stay the same across kernels; see engine/lineage.ts. */

import { IommufdContext } from "../../engine/iommufd/context.js";
import { RestoredDomain } from "../../engine/liveupdate/restored-domain.js";
import { LuoSession } from "../../engine/liveupdate/session.js";
import { Memfd } from "../../engine/memory/memfd.js";
import type { DescribedState } from "./describe-state.js";

/** The name of a thing that has a lineage; undefined for others. */
export function lineageName(thing: object | undefined): string | undefined {
  const hasLineage =
    thing instanceof IommufdContext ||
    thing instanceof RestoredDomain ||
    thing instanceof LuoSession ||
    thing instanceof Memfd;
  return hasLineage ? thing.describe() : undefined;
}

/**
 * The names by the names that the document gives: `iommufd 1` is `vm7/iommufd#1@boot2`. Objects of
 * an iommufd (`iommufd 1/3`) are listed once a session took them. They are no part of the document,
 * because they tell how a state came about.
 */
export function lineageNames({ things }: DescribedState): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, thing] of things) {
    const lineage = lineageName(thing);
    if (lineage !== undefined) names.set(name, lineage);
    if (!(thing instanceof IommufdContext)) continue;
    for (const object of thing.objects()) {
      if (object.lineage !== undefined) names.set(`${name}/${object.id}`, object.describe());
    }
  }
  return names;
}

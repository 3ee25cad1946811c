/** Names of a state's things that stay the same across kernels; see engine/lineage.ts. */

import { IommufdContext } from "../../engine/iommufd/context.js";
import { RestoredDomain } from "../../engine/liveupdate/restored-domain.js";
import { LuoSession } from "../../engine/liveupdate/session.js";
import { Memfd } from "../../engine/memory/memfd.js";
import type { DescribedState } from "./describe-state.js";
import { hexText } from "./naming.js";

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
 * The names by the names that the document gives: `iommufd 1` is `vm7/iommufd#1@boot2`. Files of
 * a session (`session 1/0x2`) and objects of an iommufd (`iommufd 1/3`) that a session took have
 * names too. They are no part of the document, because they tell how a state came about.
 */
export function lineageNames({ things }: DescribedState): Map<string, string> {
  const names = new Map<string, string>();
  for (const [name, thing] of things) {
    const lineage = lineageName(thing);
    if (lineage !== undefined) names.set(name, lineage);
    for (const [part, partLineage] of partsOf(thing)) names.set(`${name}/${part}`, partLineage);
  }
  return names;
}

function* partsOf(thing: object): Generator<[part: string | number, lineage: string]> {
  if (thing instanceof IommufdContext) {
    for (const object of thing.objects()) {
      if (object.lineage !== undefined) yield [object.id, object.describe()];
    }
  }
  if (thing instanceof LuoSession) {
    for (const { token, source } of thing.files.values()) {
      if (source.object.lineage !== undefined) yield [hexText(token), source.object.describe()];
    }
  }
}

/** Page tables that cross a kexec, as rules speak of them. */

import type { HwptPaging } from "../engine/iommufd/hwpt.js";
import type { Ioas } from "../engine/iommufd/ioas.js";
import type { IommufdObject } from "../engine/iommufd/object.js";
import type { PreservedDomain } from "../engine/liveupdate/preserved-domain.js";
import type { RestoredDomain } from "../engine/liveupdate/restored-domain.js";
import type { RestoredHwpt } from "../engine/liveupdate/restored-hwpt.js";
import { type ObjectName, objectName } from "./names.js";
import type { ContextView, SessionView } from "./subjects.js";
import type { MachineView, View } from "./view.js";

export type HwptView = View<HwptPaging>;
export type IoasView = View<Ioas>;
export type PreservedDomainView = View<PreservedDomain>;
export type RestoredDomainView = View<RestoredDomain>;
export type RestoredHwptView = View<RestoredHwpt>;

/** A restored domain is known by the HWPT that was preserved, and by the kernel it came to. */
export function domainName(domain: RestoredDomainView): ObjectName {
  const { record, epoch, uid } = domain;
  const { serial, type, id } = record.hwpt;
  const context = { serial, lineage: record.hwpt.context.lineage, epoch };
  const { shown, stable } = objectName({ context, serial, type, id, lineage: record.lineage });
  return { shown: `restored domain ${shown}`, stable, key: domainKey(uid) };
}

/** The HWPT a domain is in the kernel that preserves it. */
export function preservedName(domain: PreservedDomainView): ObjectName {
  return { ...objectName(domain.hwpt), key: domainKey(domain.uid) };
}

/** The same before and after the kexec, so that causes and symptoms meet. */
function domainKey(uid: number): string {
  return `domain:${uid}`;
}

/** Restored domains that are not destroyed. */
export function liveDomains(view: MachineView): RestoredDomainView[] {
  return view.restoredDomains.filter(({ end }) => end === undefined);
}

/** Those that came with a session. */
export function domainsOf(view: MachineView, session: SessionView): RestoredDomainView[] {
  return liveDomains(view).filter(({ iommufd }) => iommufd.session === session);
}

/** The object with this id when it is the handle of a restored domain. */
export function restoredHwptAt(
  context: ContextView | undefined,
  id: number,
): RestoredHwptView | undefined {
  const object = context?.find(id);
  if (object?.type !== "HWPT_PAGING") return undefined;
  const hwpt = object as unknown as HwptView;
  return hwpt.origin === "restored" ? (hwpt as RestoredHwptView) : undefined;
}

export function ioasAt(context: ContextView | undefined, id: number): IoasView | undefined {
  const object: View<IommufdObject> | undefined = context?.find(id);
  return object?.type === "IOAS" ? (object as unknown as IoasView) : undefined;
}

/** The preserved page tables on an IOAS. */
export function preservedOn(ioas: IoasView): PreservedDomainView[] {
  return ioas.domains.flatMap(({ preserved_as }) =>
    preserved_as === undefined ? [] : [preserved_as],
  );
}

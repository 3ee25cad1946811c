/** What an iommufd must look like to be preserved. */

import type { OpenFile } from "../file/open-file.js";
import type { Area } from "../iommufd/areas.js";
import { FileBacking } from "../iommufd/backing-file.js";
import { IommufdContext } from "../iommufd/context.js";
import { HwptPaging } from "../iommufd/hwpt.js";
import type { Profile } from "../profile/index.js";
import type { PreserveRequest, Refused } from "./handler.js";
import type { LuoFile } from "./luo-file.js";
import type { LuoSession } from "./session.js";

/** Seals that keep a memfd's size and the seals themselves: SEAL, SHRINK and GROW. */
const SIZE_SEALS = 0x7;

/** The HWPTs user space marked, by ascending id. Others are left out silently. */
export function markedHwpts(context: IommufdContext): HwptPaging[] {
  return context
    .objects()
    .filter((object) => object instanceof HwptPaging)
    .filter((hwpt) => hwpt.mark_token !== undefined);
}

/** The session's entry for exactly this open file; another open of the same file is another one. */
export function entryOf(session: LuoSession, file: OpenFile | undefined): LuoFile | undefined {
  if (file === undefined) return undefined;
  for (const luoFile of session.files.values()) if (luoFile.file === file) return luoFile;
  return undefined;
}

/**
 * Every area behind a marked HWPT must be of a file that is sealed since it was mapped and that the
 * same session holds already. Costs O(areas).
 *
 * @source iommufd_liveupdate_preserve, drivers/iommu/iommufd/liveupdate.c (IOMMU live update v5)
 */
export function checkPreserveIommufd(request: PreserveRequest): Refused | undefined {
  const { machine, session, file } = request;
  if (!(file.object instanceof IommufdContext)) return undefined;
  const held = new Set([...session.files.values()].map((luoFile) => luoFile.file));
  for (const hwpt of markedHwpts(file.object)) {
    for (const area of hwpt.ioas.areas) {
      const refused = checkArea(machine.profile, area, held);
      if (refused !== undefined) return refused;
    }
  }
  return undefined;
}

function checkArea(
  { preserve }: Profile,
  { backing }: Area,
  held: ReadonlySet<OpenFile | undefined>,
): Refused | undefined {
  if (!(backing instanceof FileBacking)) {
    const { non_file_mapping } = preserve;
    return refuse(non_file_mapping, "memory that is no file is mapped under a marked HWPT");
  }
  const seals = backing.seals_at_map ?? 0;
  if ((seals & SIZE_SEALS) !== SIZE_SEALS && preserve.unsealed_at_map !== undefined) {
    return refuse(preserve.unsealed_at_map, "a file was mapped without SEAL, SHRINK and GROW");
  }
  if (held.has(backing.file)) return undefined;
  return refuse(preserve.memfd_not_in_session, "a mapped file is not in the session");
}

function refuse(errno: Refused["errno"] | undefined, why: string): Refused | undefined {
  return errno === undefined ? undefined : { errno, why };
}

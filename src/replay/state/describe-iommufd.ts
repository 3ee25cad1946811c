/** iommufd contexts in a state document. */

import type { IommufdContext } from "../../engine/iommufd/context.js";
import { describeObject } from "./describe-objects.js";
import { onlyIf, type Section } from "./naming.js";

export const IOMMUFDS: Section<IommufdContext> = {
  key: "iommufds",
  prefix: "iommufd",
  describe: (context, naming) => ({
    path: context.path,
    account_mode: context.accountMode,
    no_iommu_mode: onlyIf(context.noIommuMode),
    compat_ioas: context.compatIoas?.id,
    blocked_ids: [...context.tombstones()].sort((a, b) => a - b),
    objects: context.objects().map((object) => describeObject(object, naming)),
  }),
};

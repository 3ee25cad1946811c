/** iommufd contexts and their objects in a state document. */

import type { Access } from "../../engine/iommufd/access.js";
import type { IommufdContext } from "../../engine/iommufd/context.js";
import type { Ioas } from "../../engine/iommufd/ioas.js";
import type { IommufdObject, ObjectType } from "../../engine/iommufd/object.js";
import { describeIoas } from "./describe-ioas.js";
import { hexText, type Naming, type Section } from "./naming.js";
import type { StateObject } from "./state-value.js";

export const IOMMUFDS: Section<IommufdContext> = {
  key: "iommufds",
  prefix: "iommufd",
  describe: (context, naming) => ({
    path: context.path,
    account_mode: context.accountMode,
    no_iommu_mode: context.noIommuMode ? true : undefined,
    compat_ioas: context.compatIoas?.id,
    blocked_ids: [...context.tombstones()].sort((a, b) => a - b),
    objects: context.objects().map((object) => describeObject(object, naming)),
  }),
};

type Details<T extends IommufdObject> = (object: T, naming: Naming) => StateObject;

/** What is to be said about an object, by its type; other objects are named by their ids. */
const DETAILS: Partial<Record<ObjectType, Details<never>>> = {
  IOAS: (ioas: Ioas, naming) => describeIoas(ioas, naming),
  ACCESS: (access: Access) => ({
    ioas: access.ioas?.id,
    needs_pin_pages: access.needs_pin_pages,
    pins: [...access.pins].map((pin) => ({
      first: hexText(pin.first),
      last: hexText(pin.last),
      write: pin.write,
      lock: pin.lock,
    })),
  }),
};

function describeObject(object: IommufdObject, naming: Naming): StateObject {
  return {
    id: object.id,
    type: object.type,
    users: object.users,
    ...(DETAILS[object.type]?.(object as never, naming) ?? {}),
  };
}

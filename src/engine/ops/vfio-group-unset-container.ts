import { VFIO_GROUP_UNSET_CONTAINER } from "../abi/vfio.js";
import { groupOf } from "../vfio/vfio-group.js";
import { defineOp } from "./define.js";

/** VFIO_GROUP_UNSET_CONTAINER: open devices keep their own reference to the iommufd. */
export const vfioGroupUnsetContainer = defineOp({
  layout: VFIO_GROUP_UNSET_CONTAINER,
  source: "vfio_group_ioctl_unset_container, drivers/vfio/group.c (v7.3.4)",
  support: { level: "partial", missing: "EBUSY of type1 containers" },
  adopts: {},
  execute(call) {
    const group = groupOf(call);
    if (group.container === undefined) call.reject("EINVAL", "the group has no container");
    else if (call.accept()) group.setContainer(call.machine, undefined);
  },
});

import { VFIO_GROUP_GET_STATUS } from "../abi/vfio.js";
import { checkArgument, isWritable } from "../vfio/argument.js";
import { groupOf } from "../vfio/vfio-group.js";
import { defineOp } from "./define.js";

const FLAG_VIABLE = 1;
const FLAG_CONTAINER_SET = 2;

/** VFIO_GROUP_GET_STATUS: whether the group can be used and has a container. */
export const vfioGroupGetStatus = defineOp({
  layout: VFIO_GROUP_GET_STATUS,
  source: "vfio_group_ioctl_get_status, drivers/vfio/group.c (v7.3.4)",
  support: { level: "partial", missing: "groups whose DMA the kernel itself owns" },
  adopts: {},
  execute(call) {
    if (!checkArgument(call)) return;
    if (!isWritable(call, 0, call.layout.length_bytes)) {
      call.reject("EFAULT", "the answer cannot be written");
      return;
    }
    if (!call.accept()) return;
    const group = groupOf(call);
    const devices = call.machine.devices.findInGroup(group.number);
    const taken = devices.some(({ hardware }) => hardware.group.dma_owner !== undefined);
    if (group.container !== undefined) call.write({ flags: FLAG_VIABLE | FLAG_CONTAINER_SET });
    else call.write({ flags: taken ? 0 : FLAG_VIABLE });
  },
});

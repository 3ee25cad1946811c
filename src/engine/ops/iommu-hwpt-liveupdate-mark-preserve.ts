import { IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE } from "../abi/iommufd-hwpt.js";
import type { Errno } from "../errno.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import { contextOf } from "../iommufd/operation.js";
import { markedHwpts } from "../liveupdate/iommufd-preserve.js";
import type { PreserveSemantics } from "../profile/profile.js";
import { defineOp } from "./define.js";

/**
 * MARK_PRESERVE: the HWPT is to cross a live update under a token. What is preserved already keeps
 * the token it had then.
 */
export const iommuHwptLiveupdateMarkPreserve = defineOp({
  layout: IOMMU_HWPT_LIVEUPDATE_MARK_PRESERVE,
  source: "iommufd_hwpt_mark_preserve, drivers/iommu/iommufd/liveupdate.c (IOMMU live update v5)",
  support: { level: "full" },
  adopts: {},
  by_profile: true,
  execute(call) {
    const { hwpt_id, hwpt_token: token } = call.args;
    const { machine } = call;
    const context = contextOf(call);
    const hwpt = context.findTyped<HwptPaging>(hwpt_id, "HWPT_PAGING");
    if (hwpt === undefined) return call.reject("ENOENT", `no paging HWPT has id ${hwpt_id}`);
    const other = markedHwpts(context).find(({ mark_token }) => mark_token === token);
    const refused = checkToken(machine.profile.preserve, hwpt, other);
    if (refused !== undefined) return call.reject(refused, `HWPT ${other?.id} has the token`);
    if (!call.accept()) return;
    const old_token = hwpt.mark_token;
    hwpt.mark_token = token;
    machine.emit({ kind: "hwpt_marked", hwpt, token, old_token });
  },
});

function checkToken(
  preserve: PreserveSemantics,
  hwpt: HwptPaging,
  other: HwptPaging | undefined,
): Errno | undefined {
  if (other === undefined) return undefined;
  return other === hwpt ? preserve.remark_own_token : preserve.token_in_use;
}

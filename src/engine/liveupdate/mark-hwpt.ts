/** Marking a HWPT for preservation: the same rules under the names the series gave the command. */

import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Errno } from "../errno.js";
import type { HwptPaging } from "../iommufd/hwpt.js";
import { contextOf } from "../iommufd/operation.js";
import type { PreserveSemantics } from "../profile/profile.js";
import { markedHwpts } from "./iommufd-preserve.js";

/**
 * Gives a HWPT a token. What is preserved already keeps the token it had then.
 *
 * ENOENT: no paging HWPT has the id. EADDRINUSE: a marked HWPT of the iommufd has the token.
 *
 * @source iommufd_hwpt_mark_preserve, drivers/iommu/iommufd/liveupdate.c (IOMMU live update v5)
 */
export function markHwpt<L extends StructLayout>(
  call: IoctlCall<L>,
  hwpt_id: number,
  token: bigint,
): void {
  const { machine } = call;
  const hwpt = hwptOrReject(call, hwpt_id);
  if (hwpt === undefined) return;
  const other = markedHwpts(contextOf(call)).find(({ mark_token }) => mark_token === token);
  const refused = checkToken(machine.profile.preserve, hwpt, other);
  if (refused !== undefined) {
    call.reject(refused, `HWPT ${other?.id} has the token`);
    return;
  }
  if (!call.accept()) return;
  const old_token = hwpt.mark_token;
  hwpt.mark_token = token;
  machine.emit({ kind: "hwpt_marked", hwpt, token, old_token });
}

/** Takes the mark back, where a design lets user space do so; a HWPT without one is no error. */
export function unmarkHwpt<L extends StructLayout>(call: IoctlCall<L>, hwpt_id: number): void {
  const hwpt = hwptOrReject(call, hwpt_id);
  if (hwpt === undefined || !call.accept()) return;
  const old_token = hwpt.mark_token;
  hwpt.mark_token = undefined;
  if (old_token !== undefined) call.machine.emit({ kind: "hwpt_unmarked", hwpt, old_token });
}

function hwptOrReject<L extends StructLayout>(
  call: IoctlCall<L>,
  hwpt_id: number,
): HwptPaging | undefined {
  const hwpt = contextOf(call).findTyped<HwptPaging>(hwpt_id, "HWPT_PAGING");
  if (hwpt === undefined) call.reject("ENOENT", `no paging HWPT has id ${hwpt_id}`);
  return hwpt;
}

function checkToken(
  preserve: PreserveSemantics,
  hwpt: HwptPaging,
  other: HwptPaging | undefined,
): Errno | undefined {
  if (other === undefined) return undefined;
  return other === hwpt ? preserve.remark_own_token : preserve.token_in_use;
}

import { IOMMU_HWPT_LU_RESTORE } from "../abi/iommufd-hwpt.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { IommufdContext } from "../iommufd/context.js";
import { contextOf } from "../iommufd/operation.js";
import type { PreservedDomain } from "../liveupdate/preserved-domain.js";
import type { RestoredDomain } from "../liveupdate/restored-domain.js";
import { RestoredHwpt } from "../liveupdate/restored-hwpt.js";
import { defineOp } from "./define.js";

type RestoreCall = IoctlCall<typeof IOMMU_HWPT_LU_RESTORE>;

/**
 * LU_RESTORE: gives the id of the HWPT that a restored domain became. Where the design makes the
 * HWPT by this call, each token works once.
 */
export const iommuHwptLuRestore = defineOp({
  layout: IOMMU_HWPT_LU_RESTORE,
  source: "iommufd_hwpt_lu_restore, drivers/iommu/iommufd/liveupdate.c (IOMMU live update RFC v2)",
  support: { level: "full" },
  adopts: {},
  by_profile: true,
  execute(call) {
    const context = contextOf(call);
    const record = context.retrieved_as?.record;
    if (record === undefined) {
      return call.reject("ENOTTY", "the iommufd is not one that was retrieved, or is finished");
    }
    const token = BigInt(call.args.hwpt_token);
    const domain = record.domains.find((other) => other.token === token);
    if (domain === undefined) return call.reject("ENOENT", `nothing was preserved as ${token}`);
    if (domain.reclaimed) return restoreAgain(call, domain);
    const { restore_before_bind } = call.machine.profile.restore;
    if (restore_before_bind !== undefined && !isBound(domain, context)) {
      return call.reject(restore_before_bind, "a device of the domain is not bound here yet");
    }
    const { restored } = domain;
    if (restored === undefined) {
      return call.reject("ENOENT", "no device brought the domain to this kernel");
    }
    claim(call, context, domain, restored);
  },
});

function restoreAgain(call: RestoreCall, { restored, token }: PreservedDomain): void {
  const { restore_twice } = call.machine.profile.restore;
  const hwpt = restored?.hwpt;
  if (restore_twice === undefined && hwpt !== undefined) {
    if (!call.respond({ pt_id: hwpt.id })) return;
    // Nothing told which id the kernel gave it when it made it by itself.
    hwpt.context.renumber(hwpt, call.idFor("pt_id", hwpt.id));
  } else call.reject(restore_twice ?? "ENOENT", `${token} was restored before`);
}

function claim(
  call: RestoreCall,
  context: IommufdContext,
  domain: PreservedDomain,
  restored: RestoredDomain,
): void {
  const predicted = context.nextId();
  if (!call.respond({ pt_id: predicted })) return;
  const [device] = domain.devices.keys();
  const unit = device?.unit ?? call.machine.devices.unit;
  domain.reclaimed = true;
  new RestoredHwpt(context, restored, unit).claim(call.idFor("pt_id", predicted));
}

function isBound({ devices }: PreservedDomain, context: IommufdContext): boolean {
  return [...devices.keys()].every((device) => device.bound?.context === context);
}

import { UNKNOWN_REQUEST } from "../../engine/abi/requests.js";
import type { IoctlEvent } from "../../engine/event/index.js";
import { onMark } from "../marks.js";
import { iommufdName, plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";
import { contextAt } from "../subjects.js";
import type { MachineView, StepView } from "../view.js";

const IOMMUFD_TYPE = 0x3b;
/** Numbers that a merged command and commands of the series claim. */
const CONTESTED: ReadonlySet<number> = new Set([0x95, 0x96, 0x97]);
/** What the merged kernel has at 0x95: IOAS_NOIOMMU_GET_PA. */
const MERGED = "IOMMU_IOAS_NOIOMMU_GET_PA";
const MERGED_BYTES = 24;

/** Commands that only the series know. */
const SERIES = /^IOMMU_HWPT_(LU_|LIVEUPDATE_)/;

export const apiWrongNumber = defineRule({
  id: "api-wrong-number-for-profile",
  family: "iommufd-api",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "Commands whose number moved are the ones that the profile's kernel has.",
  sources: ["include/uapi/linux/iommufd.h (v7.3.4): 0x95 is taken by IOAS_NOIOMMU_GET_PA"],
  messages: {
    foreign: "{op} is no command of the kernel that {profile} stands for",
    size: "number {number} with {bytes} bytes is not the command that {profile} has there",
  },

  create(context) {
    return {
      ioctl: {
        ...onMark(look),
        IOMMU_HWPT_LU_RESTORE: look,
        [MERGED]: look,
        [UNKNOWN_REQUEST]: look,
      },
    };

    function look(event: IoctlEvent, _step: StepView, view: MachineView): void {
      const iommufd = contextAt(view, event);
      if (iommufd === undefined) return;
      const { profile } = view;
      const objects = [iommufdName(iommufd), plainName("command", event.op)];
      const known = profile.requests[event.op];
      if (SERIES.test(event.op) && known === undefined) {
        const data = { op: event.op, profile: profile.id };
        context.report({ message: "foreign", seq: event.seq, objects, data });
        return;
      }
      const { request } = event;
      const number = (request ?? 0) & 0xff;
      if (request === undefined || request >> 8 !== IOMMUFD_TYPE || !CONTESTED.has(number)) return;
      const bytes = event.in?.["size"];
      const merged = number === 0x95 && profile.requests[MERGED] === undefined;
      const series = Object.values(profile.requests).includes(request);
      const fits = series ? event.op !== UNKNOWN_REQUEST : merged && bytes === MERGED_BYTES;
      if (fits || typeof bytes !== "number") return;
      const data = { number: `0x${number.toString(16)}`, bytes, profile: profile.id };
      context.report({ message: "size", seq: event.seq, objects, cause: number, data });
    }
  },
});

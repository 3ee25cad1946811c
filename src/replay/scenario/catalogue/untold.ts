/** What belongs into the catalogue by its number and cannot be told as a trace. */

export interface UntoldScenario {
  readonly id: string;
  readonly title: string;
  readonly reason: string;
}

export const UNTOLD: readonly UntoldScenario[] = [
  {
    id: "S60",
    title: "A device on a nested HWPT is preserved.",
    reason: "no IOMMU unit in the model (or on the machines it was measured on) makes nest parents",
  },
  {
    id: "S61",
    title: "A device with a PASID attachment is preserved.",
    reason: "no IOMMU unit in the model accepts PASID attachments",
  },
  {
    id: "S82",
    title: "A vCPU faults on guest_memfd that is frozen.",
    reason: "the trace format has no KVM calls",
  },
  {
    id: "S85",
    title: "A preserved page arrives that no session references.",
    reason: "the trace format has no event that shows single preserved pages",
  },
];

import { preservedName } from "../domains.js";
import { rangeText } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";

export const cmpMmioMapping = defineRule({
  id: "cmp-mmio-mapping",
  family: "completeness",
  severity: "warning",
  profiles: ALL_PROFILES,
  summary: "A page table that crosses does not map another device's BAR.",
  sources: ["PCI and VFIO live update documents: peer-to-peer and BARs are future work"],
  messages: {
    bar: "{hwpt} crosses and maps a device's BAR at {range}, which may move or be switched off",
  },

  create(context) {
    return {
      on: {
        domain_serialized({ domain, luo_file }, step) {
          const run = domain.table?.runs.find(({ memory }) => memory.kind === "device");
          if (run === undefined) return;
          const hwpt = preservedName(domain);
          context.report({
            message: "bar",
            seq: step.event.seq,
            objects: [hwpt],
            witness: [luo_file.preserved_seq],
            data: { hwpt, range: rangeText(run.first, run.last) },
          });
        },
      },
    };
  },
});

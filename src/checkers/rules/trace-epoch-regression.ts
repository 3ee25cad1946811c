import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";

export const traceEpochRegression = defineRule({
  id: "trace-epoch-regression",
  family: "trace",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "Kernels are numbered one after the other.",
  sources: ["one kexec raises liveupdate_num by one"],
  messages: {
    jumped: "kernel {now} follows kernel {before}: kernels are missing or in the wrong order",
  },

  create(context) {
    let last: { readonly boot: number; readonly seq: number } | undefined;
    return {
      event: {
        boot(event) {
          const { boot, seq } = event;
          // A trace may begin with any kernel.
          if (last !== undefined && boot !== last.boot + 1) {
            context.report({
              message: "jumped",
              seq,
              objects: [plainName("kernel", `kernel ${boot}`)],
              witness: [last.seq],
              data: { now: boot, before: last.boot },
            });
          }
          last = { boot, seq };
        },
      },
    };
  },
});

import { plainName } from "../names.js";
import { ALL_PROFILES, defineRule } from "../rule.js";

export const traceKexecWithoutReboot = defineRule({
  id: "trace-kexec-without-reboot",
  family: "trace",
  severity: "error",
  profiles: ALL_PROFILES,
  summary: "A kexec is called before its next kernel boots.",
  sources: ["kernel_kexec, kernel/kexec_core.c (v7.3.4)"],
  messages: {
    missing: "kernel {boot} came by kexec, but nobody called reboot(KEXEC) before it",
  },

  create(context) {
    let called = false;
    return {
      event: {
        reboot(event) {
          if (event.cmd === "kexec" && event.never_returned === true) called = true;
        },
        boot(event) {
          if (event.kind === "kexec" && !called) {
            context.report({
              message: "missing",
              seq: event.seq,
              objects: [plainName("kernel", `kernel ${event.boot}`)],
              data: { boot: event.boot },
            });
          }
          called = false;
        },
      },
    };
  },
});

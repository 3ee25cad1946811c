import { boot } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";

describeRule("trace-epoch-regression", {
  profile: "luo73",
  fires(t) {
    boot(t, "cold", { boot: 4 });
    t.found("error", "kernel 4 follows kernel 1: kernels are missing or in the wrong order");
    boot(t, "cold", { boot: 3 });
    t.found("error", "kernel 3 follows kernel 4: kernels are missing or in the wrong order");
  },
  silent(t) {
    boot(t, "cold");
    boot(t, "cold");
  },
});

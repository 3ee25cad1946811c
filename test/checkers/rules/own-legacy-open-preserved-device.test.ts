import {
  claimDomain,
  done,
  replaceDomain,
  retrieveFiles,
} from "../../../src/replay/scenario/blocks.js";
import { describeRule } from "../../support/rule-test.js";
import { ONE_NIC, vmAfterKexec } from "../../support/vm.js";

const NODE = "/dev/vfio/devices/vfio0";

describeRule("own-legacy-open-preserved-device", {
  profile: "p2",
  machine: ONE_NIC,
  fires(t) {
    vmAfterKexec(t);
    const { pid } = t.start("other");
    t.add({ type: "open", pid, path: NODE, flags: 2, ret: 3 });
    t.contradicted.push(t.last_seq);
    t.found(
      "error",
      'open gave out 0000:3b:00.0, which arrived in session "vm1"@boot2 and is not finished',
    );
  },
  silent(t) {
    const vm = vmAfterKexec(t);
    const other = t.start("other");
    other.open(NODE, { refused: "EBUSY" });
    retrieveFiles(vm);
    const restored = claimDomain(vm);
    replaceDomain(vm);
    done(vm, restored);
    vm.vmm.close(vm.cdev);
    other.open(NODE);
  },
  cases: {
    "O_PATH names the node and opens nothing"(t) {
      vmAfterKexec(t);
      const { pid } = t.start("other");
      t.add({ type: "open", pid, path: NODE, flags: 0o10000000, ret: 3 });
    },
  },
});

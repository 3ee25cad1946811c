import { preserveRam, retrieveAfterKexec, startManager } from "../../support/calls.js";
import { describeRule } from "../../support/rule-test.js";
import type { Story } from "../../support/story.js";
import { jumpOver, ONE_NIC, preservedVm } from "../../support/vm.js";

/** After the kexec a manager holds the session and has given it to a VMM. */
function handToVmm(t: Story) {
  const { manager, session } = retrieveAfterKexec(t, preserveRam(t).manager);
  const vmm = manager.spawn("vmm");
  return { manager, session, vmm, held: manager.pass(session, vmm) };
}

const FEATURE_PROBE_DMA_BUF = (1 << 18) | 11;

/** A broker hands the device of a VM to two VMMs; the first one binds it. */
function twoHolders(t: Story) {
  t.add({ type: "machine", facts: ONE_NIC });
  const vm = preservedVm(t);
  jumpOver(vm);
  const { manager, luo } = startManager(t);
  const session = manager.retrieveSession(luo, "vm1");
  const iommufd = manager.retrieve(session, 2n);
  const device = manager.retrieve(session, 3n);
  const first = manager.spawn("vmm");
  first.bind(manager.pass(device, first), manager.pass(iommufd, first));
  const second = manager.spawn("vmm");
  const cdev = manager.pass(device, second);
  const probe = { argsz: 8, flags: FEATURE_PROBE_DMA_BUF };
  const ask = () => second.ioctl(cdev, "VFIO_DEVICE_FEATURE", probe, { kernel: "ok" });
  return { second, cdev, ask };
}

describeRule("own-two-claimants-one-session", {
  profile: "luo73",
  fires(t) {
    const { manager, session, vmm, held } = handToVmm(t);
    vmm.retrieve(held, 1n);
    const second = manager.spawn("vmm");
    second.retrieve(manager.pass(session, second), 1n);
    t.found(
      "error",
      'pid 103 (vmm) retrieves from session "vm1"@boot2 while pid 102 (vmm), who retrieved ' +
        "before, lives",
    );
  },
  silent(t) {
    const { manager, session, vmm, held } = handToVmm(t);
    vmm.retrieve(held, 1n);
    vmm.crash();
    const reaper = manager.spawn("reaper");
    reaper.retrieve(manager.pass(session, reaper), 1n);
  },
  cases: {
    "one process may retrieve as often as it likes"(t) {
      const { vmm, held } = handToVmm(t);
      vmm.close(vmm.retrieve(held, 1n));
      vmm.retrieve(held, 1n);
    },
    "a broker may look and pass on"(t) {
      const { manager, session, vmm, held } = handToVmm(t);
      manager.retrieve(session, 1n);
      vmm.retrieve(held, 1n);
    },
    "a VMM may pass its session on itself"(t) {
      const { vmm, held } = handToVmm(t);
      vmm.retrieve(held, 1n);
      const helper = vmm.spawn("other");
      helper.retrieve(vmm.pass(held, helper), 1n);
    },
    "after FINISH there is nothing to claim"(t) {
      const { manager, session, vmm, held } = handToVmm(t);
      vmm.retrieve(held, 1n);
      vmm.finish(held);
      const second = manager.spawn("vmm");
      second.retrieve(manager.pass(session, second), 1n, { refused: "ENOENT" });
    },
  },
  under: {
    p2: {
      "one VMM works with the device, another one only asks"(t) {
        const { ask } = twoHolders(t);
        ask();
      },
      "both work with it"(t) {
        const { second, cdev } = twoHolders(t);
        second.ioctl(cdev, "VFIO_DEVICE_RESET");
        t.found(
          "error",
          'pid 104 (vmm) changes vm1/device 0000:3b:00.0@boot2 of session "vm1"@boot2 while ' +
            "pid 103 (vmm), who changed it before, lives",
        );
      },
    },
  },
});

import { expect, test } from "vitest";
import { fetchSession } from "../../../src/replay/scenario/blocks.js";
import { boot, kexec, preserveRam } from "../../support/calls.js";
import { describeRule, findingsOf } from "../../support/rule-test.js";
import { Story } from "../../support/story.js";
import {
  dma,
  jumpOver,
  NIC2,
  preservedVm,
  strangeDma,
  TWO_NICS,
  vmAfterKexec,
} from "../../support/vm.js";

function otherDma(t: Story): void {
  const what = { device: NIC2.bdf, iova: 0x5000n, length_bytes: 64, direction: "write" } as const;
  t.add({ type: "dma", ...what, observed: "ok" });
  t.contradicted.push(t.last_seq);
}

const RAN =
  "0000:3c:00.0, which was not preserved, wrote 0x5000..0x503f before the next kernel enabled it";

describeRule("dma-unpreserved-device-in-blackout", {
  profile: "rfc2",
  machine: TWO_NICS,
  fires(t) {
    jumpOver(preservedVm(t));
    otherDma(t);
    t.found("error", RAN);
  },
  silent(t) {
    otherDma(t);
    jumpOver(preservedVm(t));
    // The preserved device may go on.
    dma(t, "write", 0x1000n);
    t.add({ type: "driver_bind", device: NIC2.bdf, driver: "mlx5_core", ret: 0 });
    otherDma(t);
  },
  cases: {
    "a device the model does not know"(t) {
      jumpOver(preservedVm(t));
      const usb = { device: "0000:00:14.0", iova: 0x9000n, length_bytes: 8, direction: "write" };
      t.add({ type: "dma", ...usb, observed: "ok" } as Parameters<Story["add"]>[0]);
      t.found(
        "error",
        "0000:00:14.0, which was not preserved, wrote 0x9000..0x9007 " +
          "before the next kernel enabled it",
      );
    },
    "a device whose session did not arrive is one like all others"(t) {
      const vm = preservedVm(t);
      kexec(t, vm.manager.pid, {}, "kexec_load");
      strangeDma(t, "write", 0x1000n);
      t.found(
        "error",
        '0000:3b:00.0, whose session "vm1" did not arrive, wrote 0x1000..0x1fff ' +
          "before it was enabled again",
      );
    },
    "a device whose session was not finished before the next update"(t) {
      const vm = vmAfterKexec(t);
      vm.manager.close(vm.luo);
      kexec(t, vm.manager.pid);
      strangeDma(t, "write", 0x1000n);
      t.found(
        "error",
        "0000:3b:00.0, which was not preserved, wrote 0x1000..0x1fff " +
          "before the next kernel enabled it",
      );
    },
    "a device that crossed may go on when its session is finished"(t) {
      const vm = preservedVm(t);
      jumpOver(vm);
      fetchSession(vm);
      vm.vmm.finish(vm.session, { kernel: "ok" });
      dma(t, "write", 0x1000n);
    },
    "user space may enable it"(t) {
      jumpOver(preservedVm(t));
      t.add({ type: "bus_master", device: NIC2.bdf, enabled: true });
      otherDma(t);
    },
    "a cold start is no hand-over"(t) {
      preserveRam(t);
      boot(t, "cold");
      otherDma(t);
    },
  },
});

test("the update that forgot the session is the cause", () => {
  const t = new Story("rfc2", {}, TWO_NICS);
  const vm = vmAfterKexec(t);
  kexec(t, vm.manager.pid);
  strangeDma(t, "write", 0x1000n);
  const found = findingsOf(t).find(({ rule }) => rule === "dma-unpreserved-device-in-blackout");
  expect(found?.caused_by?.map(({ rule }) => rule)).toEqual([
    "cmp-second-update-with-unfinished-session",
  ]);
});

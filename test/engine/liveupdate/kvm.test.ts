/** guest_memfds and their VMs in sessions, as the posted series has it. */

import { describe, expect, test } from "vitest";
import type { ProfileId } from "../../../src/engine/profile/index.js";
import { Scenario } from "../../../src/replay/scenario/scenario.js";
import { fallocate, kexec, startManager } from "../../support/calls.js";
import { createGuestMemfd, createKvmVm, INIT_SHARED, MMAP, touch } from "../../support/kvm.js";

const SW_PROTECTED = 1;
const PAGE = 0x1000n;

function start(profile: ProfileId = "p2") {
  const scenario = new Scenario({ profile, title: "" });
  const { manager, luo } = startManager(scenario);
  const session = manager.createSession(luo, "vm1");
  const vm = createKvmVm(manager);
  const memory = createGuestMemfd(manager, vm);
  return { scenario, manager, luo, session, vm, memory };
}

describe("PRESERVE_FD", () => {
  test("takes memory that is shared with the host as a whole", () => {
    const { manager, session, vm, memory } = start();
    manager.preserve(session, createGuestMemfd(manager, vm, MMAP), 1n, { refused: "ENOENT" });
    const secret = createKvmVm(manager, SW_PROTECTED);
    const unreadable = createGuestMemfd(manager, secret, INIT_SHARED);
    manager.preserve(session, unreadable, 1n, { refused: "ENOENT" });
    manager.preserve(session, memory, 1n);
    manager.preserve(session, vm, 2n);
  });

  test("has no handler for KVM in other designs", () => {
    for (const profile of ["luo73", "seed", "rfc2", "p1v1", "p1v5"] as const) {
      const { manager, session, vm, memory } = start(profile);
      manager.preserve(session, memory, 1n, { refused: "ENOENT" });
      manager.preserve(session, vm, 2n, { refused: "ENOENT" });
    }
  });

  test("freezes the file: pages that are there can be used, no other comes", () => {
    const { manager, session, memory } = start();
    touch(manager, memory, 0n);
    manager.preserve(session, memory, 1n);
    touch(manager, memory, 0n);
    touch(manager, memory, PAGE, { refused: "EPERM" });
    fallocate(manager, memory, { mode: 3, offset: 0n, length: PAGE }, { refused: "EPERM" });
    manager.close(session);
    touch(manager, memory, PAGE);
    fallocate(manager, memory, { mode: 3, offset: 0n, length: PAGE });
  });
});

describe("reboot(KEXEC)", () => {
  const reboot = { type: "reboot", cmd: "kexec" } as const;

  test("needs the VM in the session, in whatever order", () => {
    const { scenario, manager, session, vm, memory } = start();
    manager.preserve(session, memory, 1n);
    expect(scenario.call(reboot, { refused: "ENOENT" }).outcome.decided_by).toMatch(/the VM/);
    manager.preserve(session, vm, 2n);
    kexec(scenario, manager.pid);
    expect(scenario.contradicted).toEqual([]);
  });

  test("does not look for it in other sessions", () => {
    const { scenario, manager, luo, session, vm, memory } = start();
    manager.preserve(session, memory, 1n);
    manager.preserve(manager.createSession(luo, "vms"), vm, 2n);
    scenario.call(reboot, { refused: "ENOENT" });
  });
});

describe("after the kexec", () => {
  function crossed() {
    const told = start();
    const { scenario, manager, session, vm, memory } = told;
    touch(manager, memory, PAGE);
    manager.preserve(session, memory, 1n);
    manager.preserve(session, vm, 2n);
    kexec(scenario, manager.pid);
    const next = startManager(scenario);
    return { ...told, ...next, session: next.manager.retrieveSession(next.luo, "vm1") };
  }

  test("the memory brings its VM back; its pages are those it had, and more may come", () => {
    const { scenario, manager, session } = crossed();
    const memory = manager.retrieve(session, 1n);
    const arrived = scenario.machine.liveUpdate.incoming.get("vm1");
    expect(arrived?.files.get(2n)?.state).toBe("retrieved");
    const file = scenario.machine.process(manager.pid).fds.get(memory);
    expect(file?.object).toMatchObject({ kind: "guest_memfd", frozen: false });
    touch(manager, memory, 0n);
    manager.finish(session);
  });

  test("FINISH gives memory back that nobody asked for", () => {
    const { scenario, manager, session } = crossed();
    const record = scenario.machine.liveUpdate.incoming.get("vm1")?.files.get(1n)?.record;
    const { memfd } = record as { memfd: { hasPage(offset: bigint): boolean } };
    expect(memfd.hasPage(PAGE)).toBe(true);
    manager.finish(session);
    expect(memfd.hasPage(PAGE)).toBe(false);
  });
});

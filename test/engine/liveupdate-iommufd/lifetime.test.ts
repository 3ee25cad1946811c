import { describe, expect, test } from "vitest";
import type { DmaTarget } from "../../../src/engine/dma/target.js";
import {
  bindDevice,
  claimDomain,
  finish,
  kexec,
  NIC,
  replaceDomain,
  sendReaper,
} from "../../../src/replay/scenario/blocks.js";
import { arrived, deviceOf, domainOf, during, found, MIB, preserved, retrieved } from "./world.js";

type Vm = ReturnType<typeof preserved>;

/** Where a write of the device to an IOVA goes. */
function targetOf(vm: Vm, iova: bigint, observed: "ok" | "fault" = "ok"): DmaTarget | undefined {
  const access = { device: NIC.bdf, iova, length_bytes: 16, direction: "write", observed } as const;
  const seen = during(vm, () => vm.scenario.add({ type: "dma", ...access }));
  return found(seen, "dma")?.pieces[0]?.target;
}

describe("DMA over an update", () => {
  test("goes to the same bytes before, between and after", () => {
    const vm = preserved("seed");
    const before = targetOf(vm, 0x1234n);
    kexec(vm);
    const between = targetOf(vm, 0x1234n);
    if (before?.kind !== "memory" || between?.kind !== "memory") throw new Error("no memory");
    expect(between.object).toBe(before.object);
    expect(between.offset).toBe(before.offset);
    expect(between.freed_seq).toBeUndefined();
  });

  test("finds only what the table maps, and with the rights it maps it", () => {
    const vm = arrived("seed");
    expect(targetOf(vm, 64n * MIB, "fault")).toEqual({ kind: "fault", reason: "not_mapped" });
    expect(vm.scenario.contradicted).toEqual([]);
  });

  test("lands in whoever has the page once retrieved memory was punched", () => {
    const vm = retrieved("p2");
    vm.vmm.punchHole(vm.memfd, MIB, MIB);
    const punched = vm.scenario.last_seq;
    expect(targetOf(vm, MIB)).toMatchObject({ kind: "memory", freed_seq: punched });
    expect(targetOf(vm, MIB - 16n)).toMatchObject({ kind: "memory", freed_seq: undefined });
  });

  test("is safe from punching again once new mappings pin the memory", () => {
    const vm = retrieved("p2");
    claimDomain(vm);
    replaceDomain(vm);
    vm.vmm.punchHole(vm.memfd, MIB, MIB);
    expect(targetOf(vm, MIB)).not.toHaveProperty("freed_seq");
  });

  test("is cut off by binding where the series does that, not in the seed's model", () => {
    const stopped = retrieved("p2");
    stopped.vmm.bind(stopped.cdev, stopped.iommufd);
    expect(deviceOf(stopped).bus_master).toBe(false);
    const running = retrieved("seed");
    running.vmm.bind(running.cdev, running.iommufd);
    expect(deviceOf(running).bus_master).toBe(true);
  });
});

describe("who dies, and who goes on", () => {
  test("the session keeps what a dead VMM retrieved: the reaper finds the same objects", () => {
    const vm = retrieved("p2");
    const restored = claimDomain(vm);
    const domain = domainOf(vm);
    vm.vmm.crash();
    expect(domain).toMatchObject({ attached: true, end: undefined });
    sendReaper(vm);
    const { vmm, session } = vm;
    vm.memfd = vmm.retrieve(session, 1n);
    vm.iommufd = vmm.retrieve(session, 2n);
    vm.cdev = vmm.retrieve(session, 3n);
    vmm.bind(vm.cdev, vm.iommufd, { refused: "EINVAL" });
    replaceDomain(vm);
    vmm.destroy(vm.iommufd, restored);
    vmm.finish(session);
  });

  test("closing the iommufd alone ends nothing: the bound device holds it", () => {
    const vm = retrieved("seed");
    claimDomain(vm);
    const domain = domainOf(vm);
    vm.vmm.close(vm.iommufd);
    expect(targetOf(vm, 0n)?.kind).toBe("memory");
    expect(domain.end).toBeUndefined();
  });

  test("the restored domain goes with the last reference to its iommufd", () => {
    const vm = retrieved("seed");
    bindDevice(vm);
    const domain = domainOf(vm);
    const { vmm } = vm;
    vmm.detach(vm.cdev);
    for (const fd of [vm.cdev, vm.iommufd, vm.memfd]) vmm.close(fd);
    expect(domain.end).toBeUndefined();
    const seen = during(vm, () => finish(vm));
    expect(found(seen, "domain_destroyed")?.domain).toBe(domain);
    expect(found(seen, "domain_destroyed")?.cause).toBe("iommufd_closed");
    const { group } = deviceOf(vm).hardware;
    expect(group.dma_owner).toBeUndefined();
    vm.scenario.add({ type: "driver_unbind", device: NIC.bdf, driver: "vfio-pci", ret: 0 });
    vm.scenario.call({ type: "driver_bind", device: NIC.bdf, driver: "ice" });
    expect(group.dma_owner).toEqual({ kind: "kernel", driver: "ice" });
  });

  test("a device that is let go while it was never replaced takes its group off the domain", () => {
    const vm = retrieved("p2");
    claimDomain(vm);
    const domain = domainOf(vm);
    vm.vmm.finish(vm.session, { kernel: "ok" });
    const seen = during(vm, () => vm.vmm.close(vm.cdev));
    expect(found(seen, "domain_released")?.domain).toBe(domain);
    expect(found(seen, "domain_released")?.cause).toBe("unbound");
    expect(domain.attached).toBe(false);
  });

  test("a session that nobody holds is stuck, and the device stays taken", () => {
    const vm = retrieved("p2");
    vm.manager.close(vm.manager_session);
    const seen = during(vm, () => vm.vmm.crash());
    expect(found(seen, "session_stuck")).toBeDefined();
    vm.manager.retrieveSession(vm.luo, vm.session_name, { refused: "EINVAL" });
    vm.manager.open(`/dev/vfio/devices/${NIC.cdev}`, { refused: "EBUSY" });
    expect(targetOf(vm, 0n)?.kind).toBe("memory");
  });

  test("a kernel driver that got the device although it waits for its VM owns the group", () => {
    const vm = arrived("seed");
    const bind = { type: "driver_bind", device: NIC.bdf, driver: "ice" } as const;
    const seen = during(vm, () => vm.scenario.call(bind, { kernel: "ok" }));
    expect(found(seen, "group_owner_changed")).toMatchObject({
      before: { kind: "preserved" },
      after: { kind: "kernel", driver: "ice" },
    });
  });
});

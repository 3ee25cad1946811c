/** Things of one kind are told apart by what they are, not by their numbers. */

import { describe, expect, test } from "vitest";
import { Machine } from "../../../src/engine/machine.js";
import { PROFILES } from "../../../src/engine/profile/index.js";
import { diffStates } from "../../../src/replay/diff/diff-states.js";
import { ONE_NIC } from "../../../src/replay/scenario/blocks.js";
import { Scenario } from "../../../src/replay/scenario/scenario.js";
import { describeMachine } from "../../../src/replay/state/describe-state.js";
import { compareEvents } from "./compare-events.js";
import { renamed, renamingOf } from "./renamed-trace.js";

const MIB = 0x10_0000n;
const PASID = 8;

/** A VM with two memfds, of which one is mapped and preserved, and two page tables beside. */
function story(choose: { readonly mapped: "ram" | "disk"; readonly token?: bigint }): Scenario {
  const scenario = new Scenario({ profile: "p2", title: "two of each", machine: ONE_NIC });
  const vmm = scenario.start("vmm");
  const session = vmm.createSession(vmm.open("/dev/liveupdate"), "vm7");
  const memfds = { ram: vmm.sealedMemfd("ram", MIB), disk: vmm.sealedMemfd("disk", MIB) };
  const iommufd = vmm.open("/dev/iommu");
  const dev_id = vmm.bind(vmm.open("/dev/vfio/devices/vfio0"), iommufd);
  const [pt_id] = [vmm.allocIoas(iommufd), vmm.allocIoas(iommufd)];
  for (const flags of [PASID, 0]) {
    vmm.ioctl(iommufd, "IOMMU_HWPT_ALLOC", { flags, dev_id, pt_id });
  }
  const memfd = memfds[choose.mapped];
  vmm.mapFile(iommufd, { ioas: pt_id, memfd, iova: 0n, length_bytes: MIB });
  vmm.preserve(session, memfd, choose.token ?? 1n);
  return scenario;
}

describe("two things of a kind", () => {
  test("ids that change places do not make their page tables change places", () => {
    const { events, machine } = story({ mapped: "ram" });
    for (let seed = 100; seed < 140; seed++) {
      const other = new Machine(PROFILES.p2);
      for (const event of events) other.apply(renamed(event, renamingOf(seed)));
      expect(diffStates(describeMachine(machine), describeMachine(other))).toEqual([]);
    }
  });

  test("the other memfd is another call, whatever its descriptor", async () => {
    const [a, b] = [story({ mapped: "ram" }), story({ mapped: "disk", token: 9n })];
    const { parting, differences } = await compareEvents(a.events, b.events);
    expect(parting).toMatchObject({
      kind: "differs",
      a: { op: "IOMMU_IOAS_MAP_FILE" },
      b: { op: "IOMMU_IOAS_MAP_FILE" },
    });
    expect(differences).toEqual([
      'vm7/memfd "ram" as token 0x1 of session "vm7" only in A',
      'vm7/memfd "disk" as token 0x9 of session "vm7" only in B',
      'vm7/memfd "ram": frozen by live update yes in A, no in B',
      'memfd "disk": frozen by live update no in A, yes in B',
      'iommufd#1/ioas:2: mapping at IOVA 0x0..0xfffff is vm7/memfd "ram" + 0x0 rw in A, ' +
        'vm7/memfd "disk" + 0x0 rw in B',
    ]);
  });

  test("a thing is the one that was made at the same place, also before it was used", async () => {
    const tell = (used: 0 | 1): Scenario => {
      const scenario = new Scenario({ profile: "p2", title: "two iommufds" });
      const vmm = scenario.start("vmm");
      const iommufds = [vmm.open("/dev/iommu"), vmm.open("/dev/iommu")] as const;
      vmm.allocIoas(iommufds[used]);
      return scenario;
    };
    const { parting } = await compareEvents(tell(0).events, tell(1).events);
    expect(parting).toMatchObject({ kind: "differs", a: { op: "IOMMU_IOAS_ALLOC" } });
  });
});

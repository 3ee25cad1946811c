/** What things are called, across kernels. */

import { describe, expect, test } from "vitest";
import { bootText, Lineages, lineageText, stableLineageText } from "../../src/engine/lineage.js";
import { kexec, ONE_NIC, preserve, setup } from "../../src/replay/scenario/blocks.js";
import { Scenario } from "../../src/replay/scenario/scenario.js";
import type { ScenarioProcess } from "../../src/replay/scenario/scenario-process.js";

describe("a lineage in words", () => {
  test("things of one name are counted, nameless ones always", () => {
    const lineages = new Lineages();
    const ram = [lineages.start("memfd", "ram"), lineages.start("memfd", "ram")].map((lineage) =>
      lineageText(lineage),
    );
    expect(ram).toEqual(['memfd "ram"', 'memfd "ram"#2']);
    expect(lineageText(lineages.start("memfd", "disk"))).toBe('memfd "disk"');
    expect(lineageText(lineages.start("iommufd", ""))).toBe("iommufd#1");
    expect(lineageText(lineages.start("hwpt", "0x1", "1"))).toBe("hwpt:token=0x1");
    expect(lineageText(lineages.start("hwpt", "0x1", "2"))).toBe("hwpt:token=0x1");
  });

  test("the session that took it last comes first, numbers are not stable", () => {
    const lineage = new Lineages().start("iommufd", "");
    lineage.session = "vm7";
    expect([lineageText(lineage), stableLineageText(lineage)]).toEqual([
      "vm7/iommufd#1",
      "vm7/iommufd",
    ]);
    expect([bootText(1), bootText(3)]).toEqual(["", "@boot3"]);
  });
});

describe("in a machine", () => {
  const namesOf = ({ scenario, pid }: ScenarioProcess): string[] =>
    [...(scenario.machine.processes.get(pid)?.fds.entries() ?? [])].map(([, { file }]) =>
      file.object.describe(),
    );

  test("a session of a name that was used before is another one", () => {
    const scenario = new Scenario({ profile: "p2", title: "again", machine: ONE_NIC });
    const manager = scenario.start("manager");
    const luo = manager.open("/dev/liveupdate");
    manager.close(manager.createSession(luo, "vm7"));
    manager.createSession(luo, "vm7");
    expect(namesOf(manager)).toContain('session "vm7"#2');
  });

  test("preserving gives a page table the name it keeps; nothing crosses a cold boot", () => {
    const scenario = new Scenario({ profile: "p2", title: "names", machine: ONE_NIC });
    const vm = setup(scenario);
    const objects = (): string[] =>
      [...scenario.machine.processes.values()].flatMap(({ fds }) =>
        fds.entries().flatMap(([, { file }]) => {
          const { object } = file;
          return object.kind === "iommufd" ? [object.describe()] : [];
        }),
      );
    expect(objects()).toEqual(["iommufd#1"]);
    preserve(vm);
    expect(objects()).toEqual(["vm1/iommufd#1"]);
    kexec(vm);
    const domains = scenario.machine.restoredDomains.map((domain) => domain.describe());
    expect(domains).toEqual(["vm1/iommufd#1/hwpt:token=0x4d@boot2"]);
    scenario.add({ type: "boot", kind: "cold", boot: 3, liveupdate: true, kho: true });
    expect(scenario.machine.restoredDomains).toEqual([]);
    const fresh = scenario.start("vmm");
    fresh.open("/dev/iommu");
    expect(namesOf(fresh)).toContain("iommufd#2@boot3");
  });
});

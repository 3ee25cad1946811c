import type { IommufdContext } from "../iommufd/context.js";
import { HwptPaging } from "../iommufd/hwpt.js";
import { Ioas } from "../iommufd/ioas.js";
import type { IommuUnit } from "../iommufd/iommu-unit.js";
import type { RestoredDomain } from "./restored-domain.js";

/**
 * The handle of a restored domain. It counts as used by every group the domain serves. There is no
 * IOAS behind it that user space could name: the one here has no id, no areas, and only takes the
 * reservations of devices that attach.
 */
export class RestoredHwpt extends HwptPaging {
  override readonly origin = "restored";

  constructor(
    context: IommufdContext,
    readonly domain: RestoredDomain,
    unit: IommuUnit,
  ) {
    const { machine } = context;
    super(context, machine.newSerial(), {
      ioas: new Ioas(context, machine.newSerial()),
      unit,
      format: unit.paging,
      flags: 0,
      auto: false,
      enforce_cache_coherency: false,
    });
    if (domain.groups.size > 0) this.use(domain.groups.size);
    domain.hwpt = this;
    this.lineage = domain.lineage;
  }

  /** Becomes visible in the iommufd. */
  claim(id: number): void {
    const { context, domain } = this;
    context.add(this, id);
    context.machine.emit({ kind: "domain_claimed", domain, hwpt: this });
  }

  override destroy(): void {
    const { machine, released } = this.context;
    this.domain.hwpt = undefined;
    this.domain.finish(machine, released ? "iommufd_closed" : "destroyed");
  }
}

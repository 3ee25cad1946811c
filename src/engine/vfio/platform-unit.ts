/** The IOMMU of the machine, as far as the trace tells which one it is. */

import type { Errno } from "../errno.js";
import type { ReservedRegion } from "../iommufd/hardware-device.js";
import type { HwInfo, IommuUnit, PagingFormat, PagingRequest } from "../iommufd/iommu-unit.js";
import { AMD_VI, VTD_FIRST_STAGE, VTD_SECOND_STAGE } from "../iommufd/iommu-unit-presets.js";
import type { Nesting } from "../iommufd/nesting.js";

/** struct iommu_hw_info_vtd: flags and padding, then the two capability registers. */
const VTD_TYPE = 1;
const VTD_INFO_BYTES = 24;
const ECAP_OFFSET = 16;
/** Scalable mode and first-stage translation. */
const ECAP_SMTS = 1n << 43n;
const ECAP_FLTS = 1n << 47n;

/** Who has to know that the unit turned out to be another one. */
interface UnitOwner {
  onUnitChange(): void;
}

/**
 * One unit in front of all devices. Which kind it is comes from the trace's facts; where there are
 * none it counts as VT-d with second-stage tables until its registers tell otherwise.
 */
export class PlatformUnit implements IommuUnit {
  private _preset = VTD_SECOND_STAGE;
  private _assumed = true;
  /** Registers, once somebody read them. */
  private registers: Uint8Array | undefined;

  constructor(readonly owner: UnitOwner) {}

  get preset(): IommuUnit {
    return this._preset;
  }

  set preset(preset: IommuUnit) {
    this._assumed = false;
    if (preset === this._preset) return;
    this._preset = preset;
    this.owner.onUnitChange();
  }

  /** Nothing in the trace has told yet which unit it is. */
  get assumed(): boolean {
    return this._assumed;
  }

  get name(): string {
    return this._preset.name;
  }

  get driver(): string {
    return this._preset.driver;
  }

  get paging(): PagingFormat {
    return this._preset.paging;
  }

  get nesting(): Nesting | undefined {
    return this._preset.nesting;
  }

  get hw_info(): HwInfo | undefined {
    const { hw_info } = this._preset;
    return hw_info === undefined ? undefined : { ...hw_info, data: this.registers };
  }

  get pasid_refusal(): Errno | undefined {
    return this._preset.pasid_refusal;
  }

  get fault_refusal(): Errno | undefined {
    return this._preset.fault_refusal;
  }

  get refusal_blocks_dma(): boolean {
    return this._preset.refusal_blocks_dma;
  }

  get reads_through_write_only(): boolean {
    return this._preset.reads_through_write_only;
  }

  get device_reserved(): readonly ReservedRegion[] {
    return this._preset.device_reserved;
  }

  planPaging(request: PagingRequest): PagingFormat | Errno {
    return this._preset.planPaging(request);
  }

  learnHwInfo({ type, data }: HwInfo): void {
    this._assumed = false;
    if (type !== VTD_TYPE) {
      this.preset = AMD_VI;
      return;
    }
    if (this._preset === AMD_VI) this.preset = VTD_SECOND_STAGE;
    if (data === undefined || data.length < VTD_INFO_BYTES) return;
    this.registers = data.slice(0, VTD_INFO_BYTES);
    const ecap = new DataView(data.buffer, data.byteOffset).getBigUint64(ECAP_OFFSET, true);
    const firstStage = (ecap & ECAP_SMTS) !== 0n && (ecap & ECAP_FLTS) !== 0n;
    this.preset = firstStage ? VTD_FIRST_STAGE : VTD_SECOND_STAGE;
  }
}

import { DmabufFile } from "../file/dmabuf-file.js";
import type { Machine } from "../machine.js";
import type { PciDevice } from "./pci-device.js";

export interface DmabufRange {
  readonly offset: bigint;
  readonly length_bytes: bigint;
}

/** A part of a BAR exported with VFIO_DEVICE_FEATURE_DMA_BUF. */
export class VfioDmabuf extends DmabufFile {
  constructor(
    serial: number,
    readonly device: PciDevice,
    readonly bar: number,
    readonly ranges: readonly DmabufRange[],
  ) {
    const length_bytes = ranges.reduce((sum, range) => sum + range.length_bytes, 0n);
    super(serial, length_bytes, ranges.length === 1);
  }

  override describe(): string {
    return `dma-buf of ${this.device.name} BAR ${this.bar}`;
  }

  override onRelease(_machine: Machine): void {
    this.device.dmabufs.delete(this);
  }
}

import { DmabufFile } from "../file/dmabuf-file.js";

/** A dma-buf of the selftest driver. */
export class SelftestDmabuf extends DmabufFile {
  constructor(serial: number, length_bytes: bigint) {
    super(serial, length_bytes, true);
  }

  override describe(): string {
    return `selftest dma-buf #${this.serial}`;
  }
}

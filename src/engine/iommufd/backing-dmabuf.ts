import { assert } from "../assert.js";
import { DmabufFile, type DmabufImporter } from "../file/dmabuf-file.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import { Backing } from "./backing.js";
import type { PageRun } from "./pins.js";

/**
 * Device memory behind a dma-buf (IOMMU_IOAS_MAP_FILE). It is mapped, never pinned or charged. A
 * revocation unmaps it from every domain for good: the areas stay, but translate nothing.
 */
export class DmabufBacking extends Backing implements DmabufImporter {
  readonly kind = "dmabuf";
  private _disabled = false;

  constructor(
    readonly file: OpenFile,
    ...rest: ConstructorParameters<typeof Backing>
  ) {
    super(...rest);
  }

  get dmabuf(): DmabufFile {
    assert(this.file.object instanceof DmabufFile, "the file behind the object is a dma-buf");
    return this.file.object;
  }

  /** True once the exporter revoked the memory. */
  get disabled(): boolean {
    return this._disabled;
  }

  override get pinnable(): boolean {
    return false;
  }

  override checkPin(): undefined {
    return undefined;
  }

  override locate(): PageRun[] {
    return [];
  }

  onDmabufRevoked(_machine: Machine): void {
    this._disabled = true;
  }

  protected override onFirstArea(): void {
    super.onFirstArea();
    this.dmabuf.addImporter(this);
  }

  protected override onLastArea(): void {
    this.dmabuf.removeImporter(this);
    super.onLastArea();
  }
}

import type { Machine } from "../machine.js";
import { FileObject } from "./file-object.js";

/** Who imported a dma-buf and must let go of its pages when the exporter revokes it. */
export interface DmabufImporter {
  /** Unmaps the memory from every domain, for good: a later un-revoke does not bring it back. */
  onDmabufRevoked(machine: Machine): void;
}

/**
 * A dma-buf: device memory behind a descriptor. IOAS_MAP_FILE imports it. While it is revoked no
 * new import is possible; those that exist were unmapped when the revocation began.
 *
 * @source drivers/dma-buf/dma-buf.c, drivers/vfio/pci/vfio_pci_dmabuf.c (v7.3.4)
 */
export abstract class DmabufFile extends FileObject {
  readonly kind = "dmabuf";
  private readonly importers = new Set<DmabufImporter>();
  private _revoked = false;

  constructor(
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly length_bytes: bigint,
    /** IOAS_MAP_FILE takes only exporters it knows, and only dma-bufs of a single range. */
    readonly importable: boolean,
  ) {
    super();
  }

  get revoked(): boolean {
    return this._revoked;
  }

  addImporter(importer: DmabufImporter): void {
    this.importers.add(importer);
  }

  removeImporter(importer: DmabufImporter): void {
    this.importers.delete(importer);
  }

  /** Enters or leaves the revoked state. Entering it disables every import that exists. */
  setRevoked(machine: Machine, revoked: boolean): void {
    if (revoked === this._revoked) return;
    this._revoked = revoked;
    machine.emit({ kind: "dmabuf_revoked", dmabuf: this, revoked });
    if (!revoked) return;
    for (const importer of [...this.importers]) importer.onDmabufRevoked(machine);
    this.importers.clear();
  }
}

/** Pages of a driver that user space maps through the iommufd (iommufd.md 10.6). */

import type { MapFile } from "../calls/mmap.js";
import { FileObject } from "../file/file-object.js";
import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { MemoryObject } from "../memory/memory-object.js";
import { IommufdContext } from "./context.js";
import type { IommufdObject } from "./object.js";

const PROT_EXEC = 4;

/** A region that a driver handed out: `offset` selects it in mmap. */
export class MmapRegion {
  readonly memory: MemoryObject;
  /** Stands for the mappings of the region in address spaces. */
  readonly file: OpenFile;

  constructor(
    readonly owner: IommufdObject,
    readonly offset: bigint,
    readonly length_bytes: bigint,
    iommufd: OpenFile,
  ) {
    const { machine } = owner.context;
    this.memory = { kind: "device", serial: machine.newSerial() };
    this.file = machine.newFile(new MmapRegionFile(this, iommufd), iommufd.flags);
    owner.context.regions.push(this);
  }

  /** The owner is gone; the offset is free again. */
  remove(): void {
    const { regions } = this.owner.context;
    regions.splice(regions.indexOf(this), 1);
  }
}

/** Counts the mapped bytes of a region: while there are any, the owner has a user. */
export class MmapRegionFile extends FileObject {
  readonly kind = "other";
  private mapped_bytes = 0n;

  constructor(
    readonly region: MmapRegion,
    readonly iommufd: OpenFile,
  ) {
    super();
  }

  override describe(): string {
    return `pages of ${this.region.owner.type} ${this.region.owner.id}`;
  }

  override onWritableMapping(machine: Machine, change_bytes: bigint): void {
    const before = this.mapped_bytes;
    this.mapped_bytes += change_bytes;
    if (before === 0n) {
      this.region.owner.use();
      this.iommufd.get();
    } else if (this.mapped_bytes === 0n) {
      this.region.owner.unuse();
      this.iommufd.put(machine);
    }
  }
}

/** The lowest free offset, from the second page on, that has room for `length_bytes`. */
export function freeRegionOffset(context: IommufdContext, length_bytes: bigint): bigint {
  let offset = context.machine.page_size;
  for (const region of [...context.regions].sort(byOffset)) {
    if (region.offset - offset >= length_bytes) break;
    offset = region.offset + region.length_bytes;
  }
  return offset;
}

function byOffset(a: MmapRegion, b: MmapRegion): number {
  return a.offset < b.offset ? -1 : 1;
}

/**
 * mmap(2) of an iommufd: EINVAL unless shared, EPERM for executable memory, ENXIO unless offset and
 * length are exactly those of a region.
 *
 * @source iommufd_fops_mmap, drivers/iommu/iommufd/main.c (v7.3.4)
 */
export const mapIommufd: MapFile = (call, file, shared) => {
  const { event, machine } = call;
  const context = file.object;
  if (!(context instanceof IommufdContext)) return undefined;
  const length = roundUp(event.length, machine.page_size);
  const region = context.regions.find(({ offset }) => offset === event.offset);
  if (event.length === 0n || event.offset % machine.page_size !== 0n || !shared) {
    call.reject("EINVAL", "offset, length or type of the mapping");
  } else if ((event.prot & PROT_EXEC) !== 0) {
    call.reject("EPERM", "pages of a driver are not executed");
  } else if (region === undefined || region.length_bytes !== length) {
    call.reject("ENXIO", "no driver handed out this region");
  } else return { object: region.memory, offset: 0n, file: region.file };
  return undefined;
};

function roundUp(length: bigint, unit: bigint): bigint {
  return ((length + unit - 1n) / unit) * unit;
}

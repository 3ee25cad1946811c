import { assert } from "../assert.js";
import { FileObject } from "../file/file-object.js";
import { bootText, type Lineage, lineageText } from "../lineage.js";
import type { LuoFile } from "../liveupdate/luo-file.js";
import type { PreservedIommufd } from "../liveupdate/preserved-domain.js";
import type { Machine } from "../machine.js";
import type { Ioas } from "./ioas.js";
import type { MmapRegion } from "./mmap-region.js";
import type { IommufdObject, ObjectType } from "./object.js";

/** How newly mapped memory is charged (iommufd.md 3.2). */
export type AccountMode = "user" | "mm";

/**
 * One iommufd: the object behind an open /dev/iommu (or /dev/vfio/vfio served by iommufd).
 *
 * @source struct iommufd_ctx, drivers/iommu/iommufd/main.c (v7.3.4)
 */
export class IommufdContext extends FileObject {
  readonly kind = "iommufd";
  /** The kernel it is open in. */
  readonly epoch: number;
  private readonly _objects = new Map<number, IommufdObject>();
  /** Ids that are taken without an object: reserved by the call at work, or tombstones. */
  private readonly blocked = new Set<number>();
  /** No id below this one is free; makes the search for the lowest free id cheap. */
  private lowestMaybeFree = 1;
  accountMode: AccountMode;
  noIommuMode = false;
  /** The file of an incoming session it came back from, until that is finished. */
  retrieved_as: LuoFile<PreservedIommufd> | undefined;
  /** Its last reference is gone: what it still has is being destroyed. */
  released = false;
  /** The IOAS that VFIO compat ioctls act on. */
  compatIoas: Ioas | undefined;
  /** Pages of drivers that user space may map, in the order they were handed out. */
  readonly regions: MmapRegion[] = [];

  constructor(
    readonly machine: Machine,
    /** Unique in the whole trace. */
    readonly serial: number,
    readonly path: "/dev/iommu" | "/dev/vfio/vfio",
    /** That of the iommufd that was preserved; default: it is a new one. */
    override readonly lineage: Lineage = machine.lineages.start("iommufd", ""),
  ) {
    super();
    this.epoch = machine.epoch;
    this.accountMode = path === "/dev/iommu" ? "user" : "mm";
  }

  override describe(): string {
    return lineageText(this.lineage) + bootText(this.epoch);
  }

  /** Objects by ascending id. */
  objects(): IommufdObject[] {
    return [...this._objects.values()].sort((a, b) => a.id - b.id);
  }

  get isEmpty(): boolean {
    return this._objects.size === 0 && this.blocked.size === 0;
  }

  /** The object with this id, of any type; an unpublished or tombstoned id gives undefined. */
  find(id: number): IommufdObject | undefined {
    return this._objects.get(id);
  }

  /** The object with this id when it is of the type asked for. */
  findTyped<T extends IommufdObject>(id: number, type: ObjectType): T | undefined {
    const object = this._objects.get(id);
    return object?.type === type ? (object as T) : undefined;
  }

  /**
   * Ids the next `count` objects would get: the lowest free ones, from 1.
   *
   * @source xa_alloc with xa_limit_31b, drivers/iommu/iommufd/main.c (v7.3.4)
   */
  nextIds(count: number): number[] {
    const ids: number[] = [];
    for (let id = this.lowestMaybeFree; ids.length < count; id++) {
      if (this._objects.has(id) || this.blocked.has(id)) continue;
      if (ids.length === 0) this.lowestMaybeFree = id;
      ids.push(id);
    }
    return ids;
  }

  nextId(): number {
    const [id] = this.nextIds(1);
    assert(id !== undefined, "there is always a next id");
    return id;
  }

  /** Publishes an object under an id. */
  add(object: IommufdObject, id: number): void {
    // A trace may show an id that the model believes to be in use: it cannot be followed there.
    object.id = this._objects.has(id) ? this.nextId() : id;
    this._objects.set(object.id, object);
    this.machine.emit({ kind: "object_created", context: this, object });
  }

  /** A call shows that an object has another id than was believed; a taken one is left alone. */
  renumber(object: IommufdObject, id: number): void {
    if (this._objects.has(id)) return;
    this._objects.delete(object.id);
    this.lowestMaybeFree = Math.min(this.lowestMaybeFree, object.id);
    object.id = id;
    this._objects.set(id, object);
  }

  /** Takes the id away, then runs the object's destructor. */
  remove(object: IommufdObject): void {
    assert(this._objects.get(object.id) === object, `id ${object.id} is not this object`);
    this._objects.delete(object.id);
    this.lowestMaybeFree = Math.min(this.lowestMaybeFree, object.id);
    object.destroy();
    this.machine.emit({ kind: "object_destroyed", context: this, object });
  }

  /** Blocks an id for ever: its VDEVICE went with its device (iommufd.md 2). */
  tombstone(object: IommufdObject): void {
    this.remove(object);
    this.blocked.add(object.id);
  }

  /** The ids that are blocked without an object. */
  tombstones(): readonly number[] {
    return [...this.blocked];
  }

  /**
   * The last file reference is gone: repeated passes over ascending ids, each destroying what has
   * no user left (iommufd.md 11).
   */
  override onRelease(machine: Machine): void {
    this.released = true;
    for (let progress = true; progress && this._objects.size > 0; ) {
      progress = false;
      for (const object of this.objects()) {
        if (object.users !== 1 || this._objects.get(object.id) !== object) continue;
        this.remove(object);
        progress = true;
      }
    }
    machine.emit({ kind: "context_destroyed", context: this });
  }
}

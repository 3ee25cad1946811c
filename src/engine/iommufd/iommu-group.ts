import type { LuoFile } from "../liveupdate/luo-file.js";
import type { RestoredDomain } from "../liveupdate/restored-domain.js";
import type { IommufdContext } from "./context.js";
import type { Device } from "./device.js";
import type { HardwareDevice } from "./hardware-device.js";
import type { Hwpt } from "./hwpt.js";

/** One use of a domain by a PASID of a group; page faults are reported in its name. */
export interface AttachHandle {
  /** The device that made the attachment. */
  readonly device: Device;
}

/** A domain that a PASID of a group uses. PASID 0 stands for requests without one (the RID). */
export interface GroupAttachment {
  hwpt: Hwpt;
  /** Replaced when the domain is. */
  handle: AttachHandle;
  readonly devices: Set<Device>;
}

/**
 * Who may program a group's DMA: an iommufd, a driver of the kernel, or nobody but the iommufd that
 * will be retrieved.
 */
export type GroupOwner =
  | { readonly kind: "kernel"; readonly driver: string }
  | { readonly kind: "iommufd"; readonly context: IommufdContext }
  | { readonly kind: "preserved"; readonly iommufd: LuoFile };

/**
 * Devices the IOMMU cannot tell apart: they share every domain, and belong to one owner at a time.
 *
 * @source struct iommufd_group, drivers/iommu/iommufd/device.c (v7.3.4)
 */
export class IommuGroup {
  readonly members: HardwareDevice[] = [];
  readonly attached = new Map<number, GroupAttachment>();
  /**
   * Members that are preserved with a domain: until the kexec its attachment must not change. It
   * can drop below 0, and the group is locked then, too.
   */
  preserved_devices = 0;
  /** The domain the boot put in front of it; gone with the first attach, or when it is released. */
  restored: RestoredDomain | undefined;
  /** The iommufd of an incoming session that alone may take it; until then nobody owns it. */
  reserved_for: LuoFile | undefined;

  /** A driver that uses the DMA API was seen to take a member, and not to leave it. */
  kernel_driver: string | undefined;

  /** A kernel starts. */
  startKernel(): void {
    this.attached.clear();
    this.preserved_devices = 0;
    this.restored = undefined;
    this.reserved_for = undefined;
    this.kernel_driver = undefined;
  }

  /** The iommufd that owns the group's DMA, while a member is bound. */
  get owner(): IommufdContext | undefined {
    return this.members.find((member) => member.bound !== undefined)?.bound?.context;
  }

  /** The same, and what the boot decided about a group that arrived with a preserved device. */
  get dma_owner(): GroupOwner | undefined {
    const { owner: context, reserved_for: iommufd, kernel_driver: driver } = this;
    if (driver !== undefined) return { kind: "kernel", driver };
    if (context !== undefined) return { kind: "iommufd", context };
    return iommufd === undefined ? undefined : { kind: "preserved", iommufd };
  }
}

import { IommufdObject } from "./object.js";

/** A software user of an IOAS: selftest access fd, emulated VFIO device, HW_QUEUE. */
export class Access extends IommufdObject {
  readonly type = "ACCESS";
  override destroy(): void {}
}

import type { IommufdContext } from "../iommufd/context.js";
import { type Device, unbind } from "../iommufd/device.js";
import { IommufdObject } from "../iommufd/object.js";
import type { MockDevice } from "./mock-device.js";

/** A mock device with its bond to the context (object type SELFTEST); user space destroys it. */
export class SelftestDevice extends IommufdObject {
  readonly type = "SELFTEST";

  constructor(
    context: IommufdContext,
    serial: number,
    readonly hardware: MockDevice,
    readonly device: Device,
  ) {
    super(context, serial);
  }

  override destroy(): void {
    unbind(this.device);
  }
}

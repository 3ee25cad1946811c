/** Looks up what selftest operations are about. */

import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { Device } from "../iommufd/device.js";
import { contextOf } from "../iommufd/operation.js";
import { MockDevice } from "./mock-device.js";
import type { SelftestDevice } from "./selftest-device.js";

/** The mock device with this SELFTEST id; rejects with ENOENT when there is none. */
export function selftestDeviceOrReject<L extends StructLayout>(
  call: IoctlCall<L>,
  id: number,
): SelftestDevice | undefined {
  const found = contextOf(call).findTyped<SelftestDevice>(id, "SELFTEST");
  if (found === undefined) call.reject("ENOENT", `no mock device has id ${id}`);
  return found;
}

/** The mock device behind a DEVICE id: ENOENT when there is none, EINVAL for a real device. */
export function mockDeviceOrReject<L extends StructLayout>(
  call: IoctlCall<L>,
  dev_id: number,
): { device: Device; mock: MockDevice } | undefined {
  const device = contextOf(call).findTyped<Device>(dev_id, "DEVICE");
  if (device === undefined) {
    call.reject("ENOENT", `no device has id ${dev_id}`);
    return undefined;
  }
  const { hardware } = device;
  if (hardware instanceof MockDevice) return { device, mock: hardware };
  call.reject("EINVAL", `device ${dev_id} is no mock device`);
  return undefined;
}

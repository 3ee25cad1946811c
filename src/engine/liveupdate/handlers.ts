import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import { GUEST_MEMFD_HANDLER } from "./guest-memfd-handler.js";
import type { FileHandler } from "./handler.js";
import { IOMMUFD_HANDLER } from "./iommufd-handler.js";
import { KVM_VM_HANDLER } from "./kvm-vm-handler.js";
import { MEMFD_HANDLER } from "./memfd-handler.js";
import { VFIO_HANDLER } from "./vfio-handler.js";

/** The handlers of the emulated kernel, in the order they are asked. */
export const HANDLERS: readonly FileHandler[] = [
  MEMFD_HANDLER,
  IOMMUFD_HANDLER,
  VFIO_HANDLER,
  KVM_VM_HANDLER,
  GUEST_MEMFD_HANDLER,
];

/** The handler that takes the file, or undefined: PRESERVE_FD answers ENOENT then. */
export function handlerOf(machine: Machine, file: OpenFile): FileHandler | undefined {
  return HANDLERS.find((handler) => handler.canPreserve(machine, file));
}

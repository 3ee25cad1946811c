import type { OpenFile } from "../file/open-file.js";
import type { Machine } from "../machine.js";
import type { FileHandler } from "./handler.js";
import { IOMMUFD_HANDLER } from "./iommufd-handler.js";
import { MEMFD_HANDLER } from "./memfd-handler.js";
import { VFIO_HANDLER } from "./vfio-handler.js";

/** The handlers of the emulated kernel, in the order they are asked. */
const HANDLERS: readonly FileHandler[] = [MEMFD_HANDLER, IOMMUFD_HANDLER, VFIO_HANDLER];

/** The handler that takes the file, or undefined: PRESERVE_FD answers ENOENT then. */
export function handlerOf(machine: Machine, file: OpenFile): FileHandler | undefined {
  return HANDLERS.find((handler) => handler.canPreserve(machine, file));
}

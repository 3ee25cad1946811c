/**
 * Transitions: what a step changed, as small typed facts. Everything that wants to know what
 * happened (rules, timelines, diffs) listens to these; nobody outside recomputes them.
 *
 * Objects are passed by reference: they show the state after the step. Where the old value matters,
 * it is part of the transition.
 */

import type { DmabufFile } from "./file/dmabuf-file.js";
import type { OpenFile } from "./file/open-file.js";
import type { IommufdContext } from "./iommufd/context.js";
import type { IommufdObject } from "./iommufd/object.js";
import type { Process } from "./process/process.js";

export interface TransitionMap {
  process_started: { readonly process: Process };
  process_exited: { readonly process: Process; readonly cause: "exit" | "signal" | "kernel_gone" };
  fd_installed: { readonly process: Process; readonly fd: number; readonly file: OpenFile };
  fd_closed: { readonly process: Process; readonly fd: number; readonly file: OpenFile };
  file_passed: {
    readonly file: OpenFile;
    readonly from: Process | undefined;
    readonly to: Process;
    readonly fd: number;
  };
  file_released: { readonly file: OpenFile };
  object_created: { readonly context: IommufdContext; readonly object: IommufdObject };
  object_destroyed: { readonly context: IommufdContext; readonly object: IommufdObject };
  context_destroyed: { readonly context: IommufdContext };
  dmabuf_revoked: { readonly dmabuf: DmabufFile; readonly revoked: boolean };
}

export type TransitionKind = keyof TransitionMap;
export type TransitionOf<K extends TransitionKind> = { readonly kind: K } & TransitionMap[K];
export type Transition = { [K in TransitionKind]: TransitionOf<K> }[TransitionKind];

import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";

/** How much of the kernel's behaviour an operation models. */
export type Support =
  | { readonly level: "full" }
  | { readonly level: "partial"; readonly missing: string }
  | { readonly level: "none"; readonly missing: string };

/** One ioctl operation of the emulated kernel. */
export interface IoctlOp<L extends StructLayout = StructLayout> {
  readonly layout: L;
  /** File and function of the kernel that it imitates, with the version, or the patch series. */
  readonly source: string;
  readonly support: Support;
  /** Output fields taken from the trace, each with the reason it cannot be predicted. */
  readonly adopts: Readonly<Record<string, string>>;
  /** Not in the merged kernel: only profiles that give it a request number have it. */
  readonly by_profile?: true;
  /** Checks in the kernel's order, then the changes. See Call for the pattern. */
  execute(call: IoctlCall<L>): void;
  /** Follows the kernel where it accepted a call the model rejects. Default: nothing changes. */
  follow?(call: IoctlCall<L>): void;
}

/** Keeps the argument type of `execute` tied to `layout`. */
export function defineOp<const L extends StructLayout>(op: IoctlOp<L>): IoctlOp {
  return op as unknown as IoctlOp;
}

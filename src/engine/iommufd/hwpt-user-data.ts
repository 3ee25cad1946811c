import type { StructLayout } from "../abi/layout.js";
import type { IoctlCall } from "../call/ioctl-call.js";
import type { UserData } from "./iommu-unit.js";

/**
 * The memory behind a pointer field: its bytes, or null where the kernel cannot read them. A trace
 * that does not hold the bytes of readable memory is taken to mean zeros.
 */
export function bytesBehind<L extends StructLayout>(
  call: IoctlCall<L>,
  pointer: bigint,
  length_bytes: number,
): Uint8Array | null {
  const { mem } = call.event;
  if (mem !== undefined && mem.addr === pointer) return mem.in;
  if (!call.process.mm.isReadable(pointer, BigInt(length_bytes))) return null;
  return new Uint8Array(length_bytes);
}

/** The driver data of an allocation; undefined when the call carries none. */
export function userDataOf<L extends StructLayout>(
  call: IoctlCall<L>,
  type: number,
  length_bytes: number,
  pointer: bigint,
): UserData | undefined {
  if (length_bytes === 0) return undefined;
  return { type, length_bytes, bytes: bytesBehind(call, pointer, length_bytes) };
}

/**
 * Branded scalars: an IOVA is not a user address, an object id is not an fd, and the compiler
 * knows.
 * Only the constructors here cast to a brand, and each proves what it brands.
 */

import { assert } from "./assert.js";

declare const brand: unique symbol;
type Branded<Base, Name extends string> = Base & { readonly [brand]: Name };

/** I/O virtual address in bytes; all 64 bits are used, hence bigint. */
export type Iova = Branded<bigint, "Iova">;
/** User virtual address in bytes. */
export type UserAddress = Branded<bigint, "UserAddress">;
/** Id in the object table of one iommufd context: 1..2^31-1. */
export type ObjectId = Branded<number, "ObjectId">;
/** File descriptor of one process in one kernel. */
export type Fd = Branded<number, "Fd">;
/** Process id within one kernel. */
export type Pid = Branded<number, "Pid">;

export const U64_MAX = 0xffff_ffff_ffff_ffffn;
const OBJECT_ID_MAX = 0x7fff_ffff;

export function iova(value: bigint): Iova {
  assert(value >= 0n && value <= U64_MAX, `IOVA ${value} does not fit in u64`);
  return value as Iova;
}

export function userAddress(value: bigint): UserAddress {
  assert(value >= 0n && value <= U64_MAX, `address ${value} does not fit in u64`);
  return value as UserAddress;
}

export function objectId(value: number): ObjectId {
  assert(value >= 0 && value <= OBJECT_ID_MAX, `object id ${value} does not fit in 31 bits`);
  return value as ObjectId;
}

export function fd(value: number): Fd {
  return value as Fd;
}

export function pid(value: number): Pid {
  return value as Pid;
}

/** "0x…" as the trace format and every message write a u64. */
export function hex(value: bigint | number): string {
  return `0x${value.toString(16)}`;
}

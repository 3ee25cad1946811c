/** A kernel under test: one machine, a first process, and short words for its iommufd calls. */

import type { StructValues } from "../../../src/engine/abi/layout.js";
import type { Outcome } from "../../../src/engine/call/outcome.js";
import type { Event, IoctlEvent } from "../../../src/engine/event/index.js";
import { IommufdContext } from "../../../src/engine/iommufd/context.js";
import type { Ioas } from "../../../src/engine/iommufd/ioas.js";
import { Machine } from "../../../src/engine/machine.js";
import { PROFILES } from "../../../src/engine/profile/index.js";
import type { Transition } from "../../../src/engine/transition.js";

export const FIXED = 1;
export const WRITEABLE = 2;
export const READABLE = 4;
export const RW = READABLE | WRITEABLE;
export const U64_MAX = 0xffff_ffff_ffff_ffffn;
export const PAGE = 0x1000n;
/** An address of ordinary memory, aligned to 2 MiB. */
export const BUFFER = 0x7f00_0020_0000n;

const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_SHARED_ANONYMOUS = 0x21;

/** What a call of the test says beside the struct. */
export type CallParts = Partial<Pick<IoctlEvent, "arg" | "mem" | "tail" | "ret" | "errno" | "out">>;

export class TestKernel {
  readonly machine = new Machine(PROFILES.luo73);
  transitions: readonly Transition[] = [];
  #seq = 0;

  constructor(readonly pid = 100) {
    this.apply({ type: "process_start", pid, uid: 0, rlimit_memlock: 0x80_0000n });
  }

  apply(event: { readonly type: Event["type"] } & Record<string, unknown>): Outcome {
    const step = this.machine.apply({ seq: this.#seq++, ...event } as unknown as Event);
    this.transitions = step.transitions;
    return step.outcome;
  }

  /** Opens an iommufd and gives it a first IOAS, which has id 1. */
  open(path: "/dev/iommu" | "/dev/vfio/vfio" = "/dev/iommu"): Iommufd {
    const { ret } = this.apply({ type: "open", pid: this.pid, path, flags: 2 });
    return new Iommufd(this, Number(ret), this.pid);
  }

  memfd(length: bigint): number {
    const fd = Number(
      this.apply({ type: "memfd_create", pid: this.pid, name: "ram", flags: 2 }).ret,
    );
    this.apply({ type: "ftruncate", pid: this.pid, fd, length });
    return fd;
  }

  mmap(address: bigint, length: bigint, more: Record<string, unknown> = {}): void {
    const shared = more["fd"] === undefined ? MAP_SHARED_ANONYMOUS : MAP_SHARED;
    const rest = { prot: PROT_READ_WRITE, flags: shared, fd: -1, offset: 0n, ...more };
    this.apply({ type: "mmap", pid: this.pid, addr: address, length, address, ...rest });
  }

  munmap(address: bigint, length: bigint): void {
    this.apply({ type: "munmap", pid: this.pid, addr: address, length });
  }
}

/** One descriptor of an iommufd, used by one process. */
export class Iommufd {
  constructor(
    readonly kernel: TestKernel,
    readonly fd: number,
    readonly pid: number,
  ) {}

  /** The same descriptor number in another process. */
  as(pid: number): Iommufd {
    return new Iommufd(this.kernel, this.fd, pid);
  }

  get context(): IommufdContext {
    const object = this.kernel.machine.process(this.pid).fds.get(this.fd)?.object;
    if (!(object instanceof IommufdContext)) throw new Error("not an iommufd");
    return object;
  }

  ioas(id = 1): Ioas {
    const ioas = this.context.findTyped<Ioas>(id, "IOAS");
    if (ioas === undefined) throw new Error(`no IOAS ${id}`);
    return ioas;
  }

  call(op: string, fields: StructValues, parts: CallParts = {}): Outcome {
    const { fd, pid } = this;
    return this.kernel.apply({ type: "ioctl", pid, fd, op, in: fields, ...parts });
  }

  /** The errno of a call, or its result where it succeeds. */
  answer(op: string, fields: StructValues, parts: CallParts = {}): string | number | bigint {
    const outcome = this.call(op, fields, parts);
    return outcome.errno ?? outcome.ret;
  }

  allocIoas(): number {
    return Number(
      this.call("IOMMU_IOAS_ALLOC", { size: 12, flags: 0, out_ioas_id: 0 }).out["out_ioas_id"],
    );
  }

  /** The IOVA of a new mapping, or the errno. */
  map(fields: StructValues): unknown {
    const base = { size: 40, flags: RW, ioas_id: 1, user_va: BUFFER, length: PAGE, iova: 0n };
    const outcome = this.call("IOMMU_IOAS_MAP", { ...base, ...fields });
    return outcome.errno ?? outcome.out["iova"];
  }

  mapFixed(iova: bigint, length = PAGE, fields: StructValues = {}): unknown {
    return this.map({ flags: RW | FIXED, iova, length, ...fields });
  }

  mapFile(fields: StructValues): unknown {
    const base = { size: 40, flags: RW, ioas_id: 1, fd: -1, start: 0n, length: PAGE, iova: 0n };
    const outcome = this.call("IOMMU_IOAS_MAP_FILE", { ...base, ...fields });
    return outcome.errno ?? outcome.out["iova"];
  }

  copy(fields: StructValues): unknown {
    const base = { size: 40, flags: RW, dst_ioas_id: 1, src_ioas_id: 1, length: PAGE };
    const outcome = this.call("IOMMU_IOAS_COPY", {
      ...base,
      dst_iova: 0n,
      src_iova: 0n,
      ...fields,
    });
    return outcome.errno ?? outcome.out["dst_iova"];
  }

  /** The bytes that went, or the errno. */
  unmap(iova: bigint, length: bigint, ioas_id = 1): unknown {
    const outcome = this.call("IOMMU_IOAS_UNMAP", { size: 24, ioas_id, iova, length });
    return outcome.errno ?? outcome.out["length"];
  }

  test(op: string, fields: StructValues): unknown {
    const outcome = this.call(`IOMMU_TEST_OP_${op}`, { size: 72, ...fields });
    return outcome.errno ?? outcome.ret;
  }

  /** A mock device behind an IOAS; returns the id of its HWPT. */
  mockDomain(id = 1): number {
    const outcome = this.call("IOMMU_TEST_OP_MOCK_DOMAIN", { size: 72, op: 2, id });
    if (outcome.errno !== undefined) throw new Error(`mock domain: ${outcome.errno}`);
    return Number(outcome.out["out_hwpt_id"]);
  }

  /** Whether the page table leads from the IOVA to the caller's memory: 0, EINVAL, EFAULT. */
  checkMap(hwpt: number, iova: bigint, uptr: bigint, length = PAGE): unknown {
    return this.test("MD_CHECK_MAP", { op: 3, id: hwpt, iova, length, uptr });
  }

  /** Whether every page at the address is pinned that often: 0 or EIO. */
  checkRefs(uptr: bigint, refs: number, length = PAGE): unknown {
    return this.test("MD_CHECK_REFS", { op: 4, id: 0, length, uptr, refs });
  }

  allow(ranges: readonly (readonly [bigint, bigint])[]): unknown {
    const bytes = new Uint8Array(ranges.length * 16);
    const view = new DataView(bytes.buffer);
    ranges.forEach(([first, last], index) => {
      view.setBigUint64(index * 16, first, true);
      view.setBigUint64(index * 16 + 8, last, true);
    });
    const length_bytes = BigInt(bytes.length);
    const mem = { field: "allowed_iovas", addr: BUFFER, length_bytes, in: bytes, out: bytes };
    const fields = { size: 24, ioas_id: 1, num_iovas: ranges.length, allowed_iovas: BUFFER };
    return this.answer("IOMMU_IOAS_ALLOW_IOVAS", fields, { mem });
  }
}

/** An iommufd with IOAS 1. */
export function iommufd(kernel = new TestKernel()): Iommufd {
  const opened = kernel.open();
  opened.allocIoas();
  return opened;
}

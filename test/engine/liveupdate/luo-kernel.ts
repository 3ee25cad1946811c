/** A kernel with LUO calls, and with another kernel after it. */

import type { StructValues } from "../../../src/engine/abi/layout.js";
import type { Outcome } from "../../../src/engine/call/outcome.js";
import type { EventOf } from "../../../src/engine/event/index.js";
import { Kernel, PAGE, PID } from "../memory/kernel.js";

export { MFD_ALLOW_SEALING, MFD_HUGETLB, MFD_NOEXEC_SEAL, PAGE, PID } from "../memory/kernel.js";

const NAME_BYTES = 64;
const MAP_PRIVATE_ANONYMOUS = 0x22;

export class LuoKernel extends Kernel {
  /** The caller of the ioctls. */
  pid = PID;
  /** Where the argument structs lie; undefined: in good memory. */
  arg: bigint | undefined;

  ioctl(fd: number, op: string, fields: StructValues, more: { tail?: Uint8Array } = {}): Outcome {
    const { pid, arg } = this;
    const place = arg === undefined ? {} : { arg };
    return this.apply({ type: "ioctl", pid, fd, op, in: fields, ...place, ...more }).outcome;
  }

  device(): number {
    return Number(this.open("/dev/liveupdate"));
  }

  create(device: number, name: string): number | string {
    return this.#session(device, "LIVEUPDATE_IOCTL_CREATE_SESSION", name);
  }

  retrieveSession(device: number, name: string): number | string {
    return this.#session(device, "LIVEUPDATE_IOCTL_RETRIEVE_SESSION", name);
  }

  preserve(session: number, fd: number, token: bigint): number | string {
    const fields = { size: 16, fd, token };
    const { errno } = this.ioctl(session, "LIVEUPDATE_SESSION_PRESERVE_FD", fields);
    return errno ?? 0;
  }

  retrieve(session: number, token: bigint): number | string {
    const fields = { size: 16, fd: 0, token };
    const { errno, out } = this.ioctl(session, "LIVEUPDATE_SESSION_RETRIEVE_FD", fields);
    return errno ?? Number(out["fd"]);
  }

  finish(session: number, reserved = 0): number | string {
    const { errno } = this.ioctl(session, "LIVEUPDATE_SESSION_FINISH", { size: 8, reserved });
    return errno ?? 0;
  }

  /** A page that can be read and not written. */
  readOnlyPage(): bigint {
    const address = this.mmap(-1, PAGE, { flags: MAP_PRIVATE_ANONYMOUS }) as bigint;
    this.apply({ type: "mprotect", pid: PID, addr: address, length: PAGE, prot: 1 });
    return address;
  }

  reboot(): number | string {
    return this.call({ type: "reboot", cmd: "kexec" });
  }

  boot(kind: EventOf<"boot">["kind"], facts: Partial<EventOf<"boot">> = {}): void {
    this.apply({ type: "boot", kind, boot: this.machine.epoch + 1, ...facts });
  }

  kexec(facts: Partial<EventOf<"boot">> = {}): void {
    this.reboot();
    this.boot("kexec", facts);
  }

  #session(device: number, op: string, name: string): number | string {
    const fields = { size: 72, fd: 0, name: name.padEnd(NAME_BYTES, "\0") };
    const { errno, out } = this.ioctl(device, op, fields);
    return errno ?? Number(out["fd"]);
  }
}

/** A kernel whose session "vm" holds a memfd of four pages under token 7. */
export function withPreservedMemfd(flags?: number) {
  const kernel = new LuoKernel();
  const device = kernel.device();
  const session = Number(kernel.create(device, "vm"));
  const memfd = kernel.sizedMemfd(4n * PAGE, flags);
  kernel.pwrite(memfd, 0n, "guest memory");
  kernel.preserve(session, memfd, 7n);
  return { kernel, device, session, memfd };
}

/** The same in the next kernel, with the session retrieved. */
export function withRetrievedSession(flags?: number) {
  const { kernel } = withPreservedMemfd(flags);
  kernel.kexec();
  const device = kernel.device();
  const session = Number(kernel.retrieveSession(device, "vm"));
  return { kernel, device, session };
}

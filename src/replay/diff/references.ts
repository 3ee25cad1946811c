/** Whether numbers of two traces stand for the same thing, each in its own machine. */

import type { OpenFile } from "../../engine/file/open-file.js";
import { IommufdContext } from "../../engine/iommufd/context.js";
import { LuoSession } from "../../engine/liveupdate/session.js";
import type { Machine } from "../../engine/machine.js";
import { VfioDeviceFile } from "../../engine/vfio/device-file.js";
import type { Partners } from "./partners.js";

/** One event's caller in one of the machines. */
export interface Caller {
  readonly machine: Machine;
  readonly pid: number | undefined;
  /** The descriptor the call is made on, where there is one. */
  readonly fd: number | undefined;
}

type Both<T> = readonly [a: T, b: T];

export class References {
  /** Tokens of page tables, from one trace to the other; a mark decides, a restore refers. */
  private readonly hwptTokens = new Map<bigint, bigint>();
  /** What is the same only because nothing else is known yet. */
  private assumed: Both<object>[] = [];

  constructor(private readonly partners: Partners) {}

  /** Forgets, or keeps, what the comparisons since the last call assumed. */
  settle(keep: boolean): void {
    if (keep) for (const [a, b] of this.assumed) this.partners.pair(a, b);
    if (this.assumed.length > 0) this.assumed = [];
  }

  samePid([a, b]: Both<Machine>, pidA: unknown, pidB: unknown): boolean {
    return this.same(a.processes.get(Number(pidA)), b.processes.get(Number(pidB)));
  }

  sameFd([a, b]: Both<Caller>, fdA: unknown, fdB: unknown): boolean {
    const [fileA, fileB] = [fileOf(a, Number(fdA)), fileOf(b, Number(fdB))];
    if (fileA === undefined || fileB === undefined) return fileA === fileB;
    return fileA.object.kind === fileB.object.kind && this.same(fileA, fileB);
  }

  /** Ids that name nothing on either side are as good as each other; 0 is not an id. */
  sameId([a, b]: Both<Caller>, idA: unknown, idB: unknown): boolean {
    const objectA = contextOf(a)?.find(Number(idA));
    const objectB = contextOf(b)?.find(Number(idB));
    if (objectA?.type !== objectB?.type) return false;
    if (objectA === undefined) return (idA === 0) === (idB === 0);
    return this.same(objectA, objectB);
  }

  sameToken([a, b]: Both<Caller>, tokenA: unknown, tokenB: unknown): boolean {
    return this.same(luoFileOf(a, tokenA), luoFileOf(b, tokenB));
  }

  /** `defines`: the call gives a page table this token, so that any will do. */
  sameHwptToken(tokenA: unknown, tokenB: unknown, defines: boolean): boolean {
    const known = this.hwptTokens.get(BigInt(tokenA as bigint));
    return defines || known === undefined || known === BigInt(tokenB as bigint);
  }

  noteHwptToken(tokenA: bigint, tokenB: bigint): void {
    this.hwptTokens.set(tokenA, tokenB);
  }

  /** The same place in the same memory; addresses of which nothing is known do not count. */
  sameAddress([a, b]: Both<Caller>, addressA: unknown, addressB: unknown): boolean {
    const [placeA, placeB] = [placeOf(a, addressA), placeOf(b, addressB)];
    if (placeA === undefined || placeB === undefined) return placeA === placeB;
    return placeA.offset === placeB.offset && this.same(placeA.object, placeB.object);
  }

  /** Device nodes and /proc entries are numbered; what counts is what they lead to. */
  samePath([a, b]: Both<Machine>, pathA: unknown, pathB: unknown): boolean {
    return pathA === pathB || pathText(a, String(pathA)) === pathText(b, String(pathB));
  }

  private same(a: object | undefined, b: object | undefined): boolean {
    if (a === undefined || b === undefined) return a === b;
    if (!this.partners.canBe(a, b)) return false;
    this.assumed.push([a, b]);
    return true;
  }
}

function fileOf({ machine, pid }: Caller, fd: number): OpenFile | undefined {
  return pid === undefined ? undefined : machine.processes.get(pid)?.fds.get(fd);
}

function objectAt(caller: Caller): object | undefined {
  return caller.fd === undefined ? undefined : fileOf(caller, caller.fd)?.object;
}

function contextOf(caller: Caller): IommufdContext | undefined {
  const object = objectAt(caller);
  if (object instanceof IommufdContext) return object;
  return object instanceof VfioDeviceFile ? object.device.bond?.object.context : undefined;
}

function luoFileOf(caller: Caller, token: unknown): object | undefined {
  const session = objectAt(caller);
  return session instanceof LuoSession ? session.files.get(BigInt(token as bigint)) : undefined;
}

function placeOf({ machine, pid }: Caller, address: unknown) {
  if (typeof address !== "bigint" || pid === undefined) return undefined;
  const [found] = machine.processes.get(pid)?.mm.vmasIn(address, address) ?? [];
  if (found === undefined) return undefined;
  const { vma, first } = found;
  return { object: vma.object, offset: vma.offset + (address - first) };
}

function pathText(machine: Machine, path: string): string {
  const node = /^\/dev\/vfio\/devices\/(.*)$/.exec(path)?.[1];
  if (node !== undefined) {
    const device = machine.devices.entries().find(({ cdev }) => cdev === node);
    return `cdev of ${device?.bdf ?? node}`;
  }
  const group = /^\/dev\/vfio\/(\d+)$/.exec(path)?.[1];
  if (group !== undefined) {
    const device = machine.devices
      .entries()
      .find(({ group_number }) => group_number === Number(group));
    return `group of ${device?.bdf ?? group}`;
  }
  return path.replace(/^\/proc\/\d+\/fd\/\d+$/, "/proc/<pid>/fd/<n>");
}

/** Memory in a state document: address spaces, file pages, memfds. */

import type { OpenFile } from "../../engine/file/open-file.js";
import type { AddressSpace, Mapping } from "../../engine/memory/address-space.js";
import { FilePages } from "../../engine/memory/file-pages.js";
import {
  F_SEAL_EXEC,
  F_SEAL_FUTURE_WRITE,
  F_SEAL_GROW,
  F_SEAL_SEAL,
  F_SEAL_SHRINK,
  F_SEAL_WRITE,
  type Memfd,
} from "../../engine/memory/memfd.js";
import type { MemoryObject } from "../../engine/memory/memory-object.js";
import { describeContents } from "./describe-contents.js";
import { FILES } from "./describe-file.js";
import { hexText, type Naming, rangeText, type Section } from "./naming.js";
import { LazyList, type StateObject } from "./state-value.js";

export const MEMFDS: Section<Memfd> = {
  key: "memfds",
  prefix: "memfd",
  describe: (memfd, naming) => ({
    title: memfd.name,
    origin: memfd.origin,
    size_bytes: hexText(memfd.size_bytes),
    seals: sealsText(memfd.seals),
    mode: `0${memfd.mode.toString(8)}`,
    links: memfd.links,
    frozen: memfd.frozen,
    writable_mapped_bytes: hexText(memfd.writable_mapped_bytes),
    pages: naming.name(FILE_PAGES, memfd.pages),
    ...describeContents(memfd.pages.contents, memfd.size_bytes),
  }),
};

export const FILE_PAGES: Section<FilePages> = {
  key: "file_pages",
  prefix: "file pages",
  describe: (pages) => ({
    page_bytes: hexText(pages.page_bytes),
    present: pages.present.within(0n, LAST_PAGE).map(rangeText),
    data: pages.uptodate.within(0n, LAST_PAGE).map(rangeText),
  }),
};

/** Pages of a file are numbered below 2^63. */
const LAST_PAGE = 0x7fff_ffff_ffff_ffffn;

const MEMORY_LAST = 0xffff_ffff_ffff_ffffn;

/** Memory that is no file's: private, shared anonymous, a device's. */
const OTHER_MEMORY: Section<MemoryObject> = {
  key: "memory",
  prefix: "memory",
  describe: (object, naming) => ({
    kind: object.kind,
    huge_bytes: object.huge_bytes === undefined ? undefined : hexText(object.huge_bytes),
    file: object.file && naming.name(FILES, object.file),
    ...(object.contents && describeContents(object.contents, MEMORY_LAST)),
  }),
};

export const ADDRESS_SPACES: Section<AddressSpace> = {
  key: "address_spaces",
  prefix: "address space",
  describe: (mm, naming) => {
    const mappings = mm.vmas();
    for (const mapping of mappings) describeMapping(mapping, naming);
    return {
      alive: mm.alive,
      mappings: new LazyList(function* () {
        for (const mapping of mappings) yield describeMapping(mapping, naming);
      }),
    };
  },
};

/** The name of the pages that memory belongs to. */
export function memoryName(object: MemoryObject, naming: Naming): string {
  if (object instanceof FilePages) return naming.name(FILE_PAGES, object);
  return naming.name(OTHER_MEMORY, object);
}

function describeMapping({ first, last, vma }: Mapping, naming: Naming): StateObject {
  const file: OpenFile | undefined = vma.file;
  return {
    first: hexText(first),
    last: hexText(last),
    memory: memoryName(vma.object, naming),
    offset: hexText(vma.offset),
    prot: vma.prot,
    shared: vma.shared,
    file: file && naming.name(FILES, file),
    may_write: vma.may_write === false ? false : undefined,
  };
}

const SEALS: readonly (readonly [bit: number, name: string])[] = [
  [F_SEAL_SEAL, "SEAL"],
  [F_SEAL_SHRINK, "SHRINK"],
  [F_SEAL_GROW, "GROW"],
  [F_SEAL_WRITE, "WRITE"],
  [F_SEAL_FUTURE_WRITE, "FUTURE_WRITE"],
  [F_SEAL_EXEC, "EXEC"],
];

/** `SEAL|SHRINK|GROW`, or `none`. */
export function sealsText(seals: number): string {
  const names = SEALS.filter(([bit]) => (seals & bit) !== 0).map(([, name]) => name);
  return names.length === 0 ? "none" : names.join("|");
}

/**
 * The log of the emulator a trace was recorded in (`qemu -trace`): stores to the edu device and
 * what the emulated IOMMU made of each DMA. It tells what became of a transfer, page by page.
 */

/** One address translation, as the emulated IOMMU logged it. */
export interface LoggedTranslation {
  /** Wall clock time in microseconds. */
  readonly time_us: number;
  /** PCI address of the device that asked. */
  readonly device: string;
  readonly iova: bigint;
  /** Bytes the answer holds for, from `iova` rounded down to this size. */
  readonly page_bytes: bigint;
  /** `found`: there is a page; whether the access was allowed, `allows` says where it is known. */
  readonly outcome: "found" | "fault";
  readonly allows?: { readonly read: boolean; readonly write: boolean } | undefined;
  /** Physical address of `iova` itself, where it was translated. */
  readonly physical?: bigint;
  readonly fault_reason?: string;
}

/** One start of an edu engine, from the registers that were stored before it. */
export interface EngineStart {
  readonly time_us: number;
  readonly iova: bigint;
  readonly length_bytes: number;
  /** True when the device writes memory. */
  readonly write: boolean;
  /** Offset in the device's own buffer. */
  readonly device_offset: number;
}

export const IOMMU_PAGE = 4096n;
const EDU_BUFFER = 0x40000n;
const EDU_SOURCE = 0x80;
const EDU_DESTINATION = 0x88;
const EDU_COUNT = 0x90;
const EDU_COMMAND = 0x98;
const COMMAND_START = 1n;
const COMMAND_WRITE = 2n;
/** Second-stage: readable, writable. First-stage: present, writable. */
const ENTRY_READ = 1n;
const ENTRY_WRITE = 2n;
/** The BAR is 1 MiB; registers are told apart by the offset in it. */
const EDU_OFFSET_MASK = 0xfffffn;

const TIME = /@(\d+\.\d+):/;
const STORE = /\bmr (0x[0-9a-f]+) addr (0x[0-9a-f]+) value (0x[0-9a-f]+) /;
const PCI = "([0-9a-f]+):([0-9a-f]+)\\.([0-9a-f]+)";
const WORD = "(0x[0-9a-f]{1,16})";
const VTD_TRANSLATE = new RegExp(`dev ${PCI} iova ${WORD} -> gpa ${WORD} mask ${WORD}`);
const VTD_ENTRY = / slpte (0x[0-9a-f]+) /;
const VTD_FAULT = /sid (0x[0-9a-f]+) fault (\d+) addr (0x[0-9a-f]+)/;
const AMD_RESULT = new RegExp(`devid: ${PCI} gpa ${WORD} hpa ${WORD}`);

export class QemuLog {
  /** Both in the order of the log. */
  readonly starts: EngineStart[] = [];
  readonly translations: LoggedTranslation[] = [];
  /** Registers of each edu device, by the name of its memory region. */
  readonly #registers = new Map<string, Map<number, bigint>>();
  /** The page table entry that the VT-d unit looked up last; its translation follows. */
  #entry: bigint | undefined;

  /** Takes one line; lines of no interest are ignored. */
  push(line: string): void {
    if (line.includes(":memory_region_ops_write ") && line.includes("'edu-mmio'")) {
      this.#store(timeOf(line), STORE.exec(line));
    } else if (line.includes(":vtd_iotlb_page_")) {
      this.#entry = BigInt(VTD_ENTRY.exec(line)?.[1] ?? 0);
    } else if (line.includes(":vtd_dmar_translate ")) {
      this.#vtdTranslate(timeOf(line), VTD_TRANSLATE.exec(line));
    } else if (line.includes(":vtd_dmar_fault ")) {
      this.#vtdFault(timeOf(line), VTD_FAULT.exec(line));
    } else if (line.includes(":amdvi_translation_result ")) {
      this.#amdResult(timeOf(line), AMD_RESULT.exec(line));
    }
  }

  #store(time_us: number, match: RegExpExecArray | null): void {
    const [, region = "", address = "0x0", value = "0x0"] = match ?? [];
    let registers = this.#registers.get(region);
    if (registers === undefined) {
      registers = new Map();
      this.#registers.set(region, registers);
    }
    const register = Number(BigInt(address) & EDU_OFFSET_MASK);
    const command = BigInt(value);
    registers.set(register, command);
    if (register !== EDU_COMMAND || (command & COMMAND_START) === 0n) return;
    const write = (command & COMMAND_WRITE) !== 0n;
    const source = registers.get(EDU_SOURCE) ?? 0n;
    const destination = registers.get(EDU_DESTINATION) ?? 0n;
    this.starts.push({
      time_us,
      iova: write ? destination : source,
      length_bytes: Number(registers.get(EDU_COUNT) ?? 0n),
      write,
      device_offset: Number((write ? source : destination) - EDU_BUFFER),
    });
  }

  #vtdTranslate(time_us: number, match: RegExpExecArray | null): void {
    const [, bus = "0", slot = "0", fn = "0", iova = "0x0", physical = "0x0", mask] = match ?? [];
    const entry = this.#entry;
    this.#entry = undefined;
    const allows =
      entry === undefined
        ? undefined
        : { read: (entry & ENTRY_READ) !== 0n, write: (entry & ENTRY_WRITE) !== 0n };
    this.translations.push({
      time_us,
      allows,
      device: pciAddress(Number.parseInt(bus, 16), Number.parseInt(slot, 16), Number(fn)),
      iova: BigInt(iova),
      page_bytes: BigInt(mask ?? "0xfff") + 1n,
      outcome: "found",
      physical: BigInt(physical),
    });
  }

  #vtdFault(time_us: number, match: RegExpExecArray | null): void {
    const [, sid = "0x0", reason = "", iova = "0x0"] = match ?? [];
    const source = Number(sid);
    this.translations.push({
      time_us,
      device: pciAddress(source >> 8, (source >> 3) & 0x1f, source & 7),
      iova: BigInt(iova),
      page_bytes: IOMMU_PAGE,
      outcome: "fault",
      fault_reason: `fault ${reason}`,
    });
  }

  /** AMD-Vi: 0 for an unmapped page, the address itself without permission for a blocked device. */
  #amdResult(time_us: number, match: RegExpExecArray | null): void {
    const [, bus = "0", slot = "0", fn = "0", gpa = "0x0", hpa = "0x0"] = match ?? [];
    const iova = BigInt(gpa);
    const page = BigInt(hpa);
    const device = pciAddress(Number.parseInt(bus, 16), Number.parseInt(slot, 16), Number(fn));
    const common = { time_us, device, iova, page_bytes: IOMMU_PAGE };
    if (page === 0n) {
      const fault_reason = "page not present";
      this.translations.push({ ...common, outcome: "fault", fault_reason });
    } else if (page === pageOf(iova)) {
      this.translations.push({ ...common, outcome: "fault", fault_reason: "device blocked" });
    } else {
      this.translations.push({ ...common, outcome: "found", physical: page + (iova % IOMMU_PAGE) });
    }
  }
}

export function pageOf(address: bigint, page_bytes = IOMMU_PAGE): bigint {
  return address - (address % page_bytes);
}

function timeOf(line: string): number {
  return Math.round(Number(TIME.exec(line)?.[1] ?? 0) * 1e6);
}

function pciAddress(bus: number, slot: number, fn: number): string {
  const hex = (value: number) => value.toString(16).padStart(2, "0");
  return `0000:${hex(bus)}:${hex(slot)}.${fn}`;
}

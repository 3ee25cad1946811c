/** What the emulator's log says about one recorded transfer. */

import {
  type EngineStart,
  IOMMU_PAGE,
  type LoggedTranslation,
  pageOf,
  type QemuLog,
} from "./qemu-log.js";

/** A transfer as the recorded program saw it. */
export interface RecordedTransfer {
  /** When the program started it, by the program's wall clock, in microseconds. */
  readonly from_us: number;
  /** PCI address of the device, where it is known. */
  readonly device?: string | undefined;
  readonly iova: bigint;
  readonly length_bytes: number;
  readonly write: boolean;
  readonly device_offset?: number | undefined;
}

export interface TransferOutcome {
  readonly observed: "ok" | "fault" | "partial";
  readonly physical?: bigint;
  readonly fault_reason?: string;
}

/** The two clocks agree within this once they were compared, in microseconds. */
const CLOCK_SLACK_US = 50_000;
/** The wall clock a program read at its start may be off by this. */
const CLOCK_ERROR_US = 3_000_000;
/** The engine moves the data this long after its start, at the latest. */
const ENGINE_US = 250_000;

/** Looks recorded transfers up in a log; both go forward in time together. */
export class QemuOutcomes {
  #start = 0;
  #translation = 0;
  /** What to add to the program's clock; undefined until a transfer was found in the log. */
  #correction_us: number | undefined;

  constructor(readonly log: QemuLog) {}

  /** Undefined where the log does not tell about every page of the transfer. */
  next(transfer: RecordedTransfer): TransferOutcome | undefined {
    const window = this.#window(transfer);
    if (window === undefined) return undefined;
    const found = this.#translationsOf(transfer, window.from_us, window.to_us);
    const pages: PageOutcome[] = [];
    const end = transfer.iova + BigInt(Math.max(transfer.length_bytes, 1));
    for (let at = transfer.iova; at < end; ) {
      const next = pageOf(at) + IOMMU_PAGE;
      const last = next < end ? next : end;
      const page = outcomeOfPage(found, at, last, transfer.write);
      if (page === undefined) return undefined;
      pages.push(page);
      at = last;
    }
    return joined(pages);
  }

  /** The time in which the engine ran: up to its next start. */
  #window(transfer: RecordedTransfer): { from_us: number; to_us: number } | undefined {
    const { starts } = this.log;
    const slack = this.#correction_us === undefined ? CLOCK_ERROR_US : CLOCK_SLACK_US;
    const from_us = transfer.from_us + (this.#correction_us ?? 0);
    for (let index = this.#start; index < starts.length; index++) {
      const start = starts[index];
      if (start === undefined || start.time_us > from_us + slack) break;
      if (start.time_us < from_us - slack || !matches(start, transfer)) continue;
      this.#start = index + 1;
      this.#correction_us = start.time_us - transfer.from_us;
      const next = starts[index + 1]?.time_us ?? Number.POSITIVE_INFINITY;
      return { from_us: start.time_us, to_us: Math.min(next, start.time_us + ENGINE_US) };
    }
    return undefined;
  }

  /** Forgets how the clocks relate: another program or kernel starts, with a clock of its own. */
  resetClock(): void {
    this.#correction_us = undefined;
  }

  /** The translations of the transfer's addresses in a span of time, in the order of the log. */
  #translationsOf(transfer: RecordedTransfer, from_us: number, to_us: number): LoggedTranslation[] {
    const { translations } = this.log;
    const found: LoggedTranslation[] = [];
    const end = transfer.iova + BigInt(transfer.length_bytes);
    while ((translations[this.#translation]?.time_us ?? from_us) < from_us) this.#translation++;
    for (let index = this.#translation; index < translations.length; index++) {
      const translation = translations[index];
      if (translation === undefined || translation.time_us > to_us) break;
      const { iova, page_bytes, device } = translation;
      if (transfer.device !== undefined && device !== transfer.device) continue;
      const first = pageOf(iova, page_bytes);
      if (first < end && first + page_bytes > transfer.iova) found.push(translation);
    }
    return found;
  }
}

interface PageOutcome {
  readonly physical?: bigint | undefined;
  readonly fault_reason?: string | undefined;
}

/** A denied access is logged again for every word of it; a transfer of one word does not tell. */
const WORD_BYTES = 4n;

/** What became of the bytes `first` to before `end`, which lie in one page. */
function outcomeOfPage(
  found: readonly LoggedTranslation[],
  first: bigint,
  end: bigint,
  write: boolean,
): PageOutcome | undefined {
  const covering = found.filter(
    ({ iova, page_bytes }) => pageOf(iova, page_bytes) === pageOf(first, page_bytes),
  );
  const [result] = covering;
  if (result === undefined) return undefined;
  if (result.outcome === "fault") return { fault_reason: result.fault_reason ?? "fault" };
  const { allows, iova, physical = 0n } = result;
  const translated = { physical: BigInt.asUintN(64, physical + (first - iova)) };
  if (allows !== undefined) {
    return (write ? allows.write : allows.read) ? translated : { fault_reason: "no permission" };
  }
  if (covering.some((other) => other.iova > first)) return { fault_reason: "no permission" };
  return end - first <= WORD_BYTES ? undefined : translated;
}

function joined(pages: readonly PageOutcome[]): TransferOutcome {
  const faults = pages.filter(({ fault_reason }) => fault_reason !== undefined);
  const fault_reason = faults[0]?.fault_reason;
  const physical = pages[0]?.physical;
  return {
    observed: faults.length === 0 ? "ok" : faults.length === pages.length ? "fault" : "partial",
    ...(physical === undefined ? {} : { physical }),
    ...(fault_reason === undefined ? {} : { fault_reason }),
  };
}

function matches(start: EngineStart, transfer: RecordedTransfer): boolean {
  return (
    start.iova === transfer.iova &&
    start.length_bytes === transfer.length_bytes &&
    start.write === transfer.write &&
    (transfer.device_offset === undefined || start.device_offset === transfer.device_offset)
  );
}

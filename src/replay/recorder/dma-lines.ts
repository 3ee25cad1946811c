/**
 * Raw lines about DMA. The recorder's programs drove QEMU's edu device and wrote down what they
 * asked for and what they found, in several shapes; the emulator's log, where it lies beside the
 * trace, tells the rest. What nothing tells stays `unknown`.
 */

import type { EventOf } from "../../engine/event/index.js";
import type { EventParts } from "./call-lines.js";
import { contentParts } from "./content-lines.js";
import { EDU_NAMES, EduFacts } from "./edu-facts.js";
import type { QemuOutcomes } from "./qemu-outcome.js";
import {
  optionalNumber,
  optionalString,
  type RawLine,
  rawNumber,
  rawString,
  rawU64,
} from "./raw-line.js";

/** Gives the lines that follow the one being converted, as far as they were read. */
export type LookAhead = () => Iterable<RawLine>;

type DmaParts = Omit<EventOf<"dma">, "seq" | "ts" | "ts_end" | "pid" | "tid" | "label">;

const MICROSECOND_NS = 1000;
const EDU_COMMAND = 0x98;
const COMMAND_START = 1n;
const COMMAND_WRITE = 2n;
/** A copy by the engine is two runs; its line follows the second start closely. */
const COPY_LINES = 16;

export class DmaLines {
  readonly #facts = new EduFacts();

  constructor(readonly outcomes: QemuOutcomes | undefined) {}

  /** Looks at every line in order: facts about the device come from many kinds of lines. */
  observe(line: RawLine): void {
    this.#facts.observe(line);
    if (line["ev"] === "start") this.outcomes?.resetClock();
  }

  /** Undefined for a line of another kind. */
  convert(line: RawLine, ahead: LookAhead): EventParts | undefined {
    switch (line["ev"]) {
      case "mmio":
        return this.#mmio(line, ahead);
      case "dma":
        return this.#dma(line, ahead);
      case "cpu_write":
      case "ram":
        return contentParts(line, this.#facts.memfdOf(line));
      case "stray_dma":
        return {
          type: "note",
          kind: "stray_dma",
          text:
            `DMA data found in ${rawNumber(line, "found_in_anon_pages")} pages that were not ` +
            `mapped for DMA, at offset ${rawString(line, "off")}`,
        };
      default:
        return undefined;
    }
  }

  #mmio(line: RawLine, ahead: LookAhead): EventParts {
    const write = rawString(line, "op") === "w";
    const offset = rawU64(line, "off");
    const value = rawU64(line, "val");
    if (write && Number(offset) === EDU_COMMAND && (value & COMMAND_START) !== 0n) {
      const read = (value & COMMAND_WRITE) === 0n ? this.#firstHalf(line, ahead) : undefined;
      if (read !== undefined) return read;
    }
    const device = this.#facts.device;
    return {
      type: "mmio",
      ...(device === undefined ? {} : { device }),
      op: write ? "write" : "read",
      bar: optionalNumber(line, "bar") ?? 0,
      offset,
      length_bytes: rawNumber(line, "size"),
      value,
    };
  }

  /**
   * A line with `data_moved` stands for two runs: RAM to device, then device to RAM. The store that
   * starts the first becomes the event of the first, the line itself the event of the second.
   */
  #firstHalf(line: RawLine, ahead: LookAhead): DmaParts | undefined {
    let left = COPY_LINES;
    for (const next of ahead()) {
      if (left-- === 0) return undefined;
      if (next["ev"] !== "dma" || next["pid"] !== line["pid"]) continue;
      if (!("data_moved" in next)) return undefined;
      return this.#complete(line, {
        type: "dma",
        device: this.#facts.device ?? EDU_NAMES.unknown,
        iova: rawU64(next, "src_iova"),
        length_bytes: rawNumber(next, "bytes"),
        direction: "read",
        observed: next["data_moved"] === true ? "ok" : "unknown",
        device_offset: 0,
      });
    }
    return undefined;
  }

  #dma(line: RawLine, ahead: LookAhead): DmaParts {
    const device = optionalString(line, "dev") ?? this.#facts.device ?? EDU_NAMES.unknown;
    if ("dir" in line) return this.#edu(line, device, ahead);
    if ("data_moved" in line) {
      return this.#complete(line, {
        type: "dma",
        device,
        iova: rawU64(line, "dst_iova"),
        length_bytes: rawNumber(line, "bytes"),
        direction: "write",
        observed: line["data_moved"] === true || strayedBehind(line, ahead()) ? "ok" : "unknown",
        device_offset: 0,
      });
    }
    if ("bytes_arrived" in line) {
      const arrived = rawNumber(line, "bytes_arrived");
      return {
        type: "dma",
        device,
        iova: rawU64(line, "iova"),
        length_bytes: arrived === 0 ? this.#facts.count : arrived,
        direction: "write",
        observed: arrived === 0 ? "fault" : arrived < this.#facts.count ? "partial" : "ok",
        pending_op: rawString(line, "what"),
      };
    }
    const landed = line["landed"];
    return this.#complete(line, {
      type: "dma",
      device,
      iova: rawU64(line, "iova"),
      length_bytes: rawNumber(line, "bytes"),
      direction: "write",
      observed: Array.isArray(landed) && landed.length > 0 ? "ok" : "unknown",
    });
  }

  /** One run of the engine; `done` is false where the program did not see it end. */
  #edu(line: RawLine, device: string, ahead: LookAhead): DmaParts {
    const direction = rawString(line, "dir") === "edu_to_ram" ? "write" : "read";
    const pending = optionalString(line, "pending_op") ?? "none";
    const length_bytes = rawNumber(line, "count");
    const seen =
      direction === "write" && this.#facts.isChanged(length_bytes, ahead()) ? "ok" : "unknown";
    return this.#complete(line, {
      type: "dma",
      device,
      iova: rawU64(line, "iova"),
      length_bytes,
      direction,
      observed: line["done"] === false ? "unknown" : seen,
      device_offset: rawNumber(line, "edu_off"),
      ...(pending === "none" ? {} : { pending_op: pending }),
    });
  }

  /** Adds what the emulator's log says; the log is nearer to the event than the program. */
  #complete(line: RawLine, dma: DmaParts): DmaParts {
    const clock = this.#facts.clock_offset_ns;
    if (this.outcomes === undefined || clock === undefined) return dma;
    const outcome = this.outcomes.next({
      from_us: (rawNumber(line, "ts") + clock) / MICROSECOND_NS,
      device: this.#facts.pciAddressOf(dma.device),
      iova: dma.iova,
      length_bytes: dma.length_bytes,
      write: dma.direction === "write",
      device_offset: dma.device_offset,
    });
    return outcome === undefined ? dma : { ...dma, ...outcome };
  }
}

/**
 * A copy that did not arrive where its owner looks may have arrived all the same: a `stray_dma`
 * line behind it says that its bytes were found in memory of somebody else.
 */
function strayedBehind(line: RawLine, following: Iterable<RawLine>): boolean {
  for (const next of following) {
    if (next["pid"] !== line["pid"]) continue;
    if (next["ev"] === "dma") return false;
    if (next["ev"] === "stray_dma") return rawNumber(next, "found_in_anon_pages") > 0;
  }
  return false;
}

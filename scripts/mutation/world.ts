/**
 * What a trace leaves behind, told from the machine's state and from no rule: the judge of whether
 * a change did harm.
 */

import { pathOf } from "../../src/engine/dma/path.js";
import type { Event } from "../../src/engine/event/index.js";
import type { Machine, Step } from "../../src/engine/machine.js";
import type { PciDevice } from "../../src/engine/vfio/pci-device.js";

/** Facts of one telling; two tellings of one program are compared by them. */
export class World {
  /** Memory by the order in which it was made, so that two tellings name it alike. */
  readonly #memory = new Map<object, string>();
  readonly #freed = new Map<string, string>();
  /** By index of the program's step: where a transfer of a device went. */
  readonly transfers = new Map<number, string>();
  /** By index of the program's step: the errno of a call that was refused. */
  readonly refused = new Map<number, string>();
  /** Sessions that did not cross. */
  readonly lost = new Set<string>();

  /** Looks at one step; `index` is that of the program's step. */
  see(step: Step, index: number | undefined): void {
    for (const transition of step.transitions) {
      switch (transition.kind) {
        case "memfd_created":
          this.#name(transition.memfd.pages, `memory ${this.#memory.size + 1}`);
          break;
        case "memfd_pages_freed": {
          const name = this.#memory.get(transition.memfd.pages) ?? "some memory";
          this.#freed.set(name, `${name} ${transition.cause}`);
          break;
        }
        case "dma":
          if (index !== undefined) this.transfers.set(index, this.#transferOf(transition.pieces));
          break;
        case "kernel_booted":
          for (const { name } of transition.lost) this.lost.add(`lost session ${name}`);
          break;
        default:
      }
    }
    const errno = errnoOf(step.event);
    if (index !== undefined && errno !== undefined) this.refused.set(index, errno);
  }

  #name(pages: object, name: string): void {
    if (!this.#memory.has(pages)) this.#memory.set(pages, name);
  }

  #transferOf(pieces: readonly { readonly target: unknown }[]): string {
    return pieces
      .map(({ target }) => {
        const { kind, reason, object, offset, freed_seq } = target as Target;
        if (kind === "fault") return `fault ${reason}`;
        if (kind !== "memory") return kind;
        const name = this.#memory.get(object ?? {}) ?? "other memory";
        return `${name} at ${offset?.toString(16)}${freed_seq === undefined ? "" : ", freed"}`;
      })
      .join("; ");
  }

  /** What is left at the end, one line a thing. */
  leftovers(machine: Machine): string[] {
    const { liveUpdate, epoch } = machine;
    const left = [
      `kernel ${epoch}`,
      ...this.lost,
      ...[...this.#freed.values()].map((text) => `freed ${text}`),
    ];
    for (const { name, state, files } of liveUpdate.outgoing.values()) {
      left.push(`outgoing session ${name} ${state} with ${files.size} files`);
    }
    for (const { name, state, files } of liveUpdate.incoming.values()) {
      if (state === "gone" || state === "in_empty") continue;
      left.push(`incoming session ${name} ${state} with ${files.size} files`);
    }
    for (const domain of machine.restoredDomains) {
      if (domain.end !== undefined) continue;
      left.push(`restored domain ${domain.token} ${domain.attached ? "attached" : "idle"}`);
    }
    for (const device of machine.devices.entries()) left.push(this.#deviceText(device));
    return left.sort();
  }

  #deviceText(device: PciDevice): string {
    const { hardware, bdf } = device;
    const { hwpt, restored, blocked } = pathOf(device, 0);
    const owner = hardware.group.dma_owner?.kind ?? "nobody";
    const through = restored !== undefined ? "restored table" : hwpt !== undefined ? "table" : "-";
    const maps: string[] = [];
    if (restored !== undefined) {
      for (const { first, last, memory } of restored.table.runs) {
        maps.push(`${first.toString(16)}..${last.toString(16)} ${this.#memory.get(memory)}`);
      }
    } else if (hwpt !== undefined) {
      for (const area of hwpt.ioas.areas) {
        maps.push(`${area.first.toString(16)}..${area.last.toString(16)}`);
      }
    }
    return `device ${bdf}: owner ${owner}, ${through}, ${blocked ?? "runs"}, ${maps.join(" ")}`;
  }
}

interface Target {
  readonly kind: string;
  readonly reason?: string;
  readonly object?: object;
  readonly offset?: bigint;
  readonly freed_seq?: number;
}

function errnoOf(event: Event): string | undefined {
  return (event as { errno?: string }).errno;
}

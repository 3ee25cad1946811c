/** Answers to one call in a few words: what was recorded, what a profile predicts. */

import type { Outcome } from "../../engine/call/outcome.js";
import type { Event } from "../../engine/event/index.js";

const SHOWN_BYTES = 16;

/**
 * What the trace says the kernel answered; undefined where it says nothing. Of what is no call, the
 * facts in which the profiles differ.
 */
export function recordedAnswer(event: Event, outputs: Iterable<string>): string | undefined {
  const { ret, address, errno, never_returned } = event as {
    readonly ret?: number;
    readonly address?: number | bigint;
    readonly errno?: string;
    readonly never_returned?: true;
  };
  if (never_returned === true) return "never returned";
  const result = ret ?? address;
  if (result === undefined) return factsText(outputs, (name) => Reflect.get(event, name));
  return result === -1 ? (errno ?? "a failure") : "success";
}

/**
 * What the model answers under one profile.
 *
 * @param outputs Names of the outputs to show: those in which the profiles differ.
 */
export function predictedAnswer(outcome: Outcome, outputs: Iterable<string>): string {
  if (outcome.judgement === "unmodelled") return "not modelled";
  if (outcome.errno !== undefined) return outcome.errno;
  const shown = factsText(outputs, (name) => outputOf(outcome, name));
  const isObservation = Object.keys(outcome.claims).length > 0;
  if (shown === undefined) return "success";
  return isObservation ? shown : `success, ${shown}`;
}

function factsText(names: Iterable<string>, lookUp: (name: string) => unknown): string | undefined {
  const shown = [...names].flatMap((name) => {
    const value = lookUp(name);
    return value === undefined ? [] : [`${name} ${valueText(value)}`];
  });
  return shown.length === 0 ? undefined : shown.join(", ");
}

function outputOf(outcome: Outcome, name: string): unknown {
  if (name === "buffer") return outcome.mem_out;
  if (name === "data") return outcome.data;
  return outcome.out[name] ?? outcome.claims[name];
}

function valueText(value: unknown): string {
  if (typeof value === "bigint") return `0x${value.toString(16)}`;
  if (!(value instanceof Uint8Array)) return String(value);
  const hex = Buffer.from(value.subarray(0, SHOWN_BYTES)).toString("hex");
  return value.length > SHOWN_BYTES ? `${hex}…` : hex;
}

/**
 * Predictions are made before the answer is looked at: whatever answer is put into the trace, the
 * model predicts the same for that call.
 */

import { join } from "node:path";
import { expect, test } from "vitest";
import { CAPTURES } from "../../scripts/conformance/figures.js";
import type { FieldValue } from "../../src/engine/abi/layout.js";
import type { Outcome } from "../../src/engine/call/outcome.js";
import type { Event } from "../../src/engine/event/index.js";
import { PROFILES } from "../../src/engine/profile/index.js";
import { openTrace, type TraceSource } from "../../src/replay/source.js";
import { startMachine } from "../../src/replay/start-machine.js";

/** Each call is tried on a machine of its own, so the cost is the square of this. */
const EVENTS_MAX = 500;

const CAPTURES_TRIED = [
  "fdpass/fdpass",
  "fuzz/iommufd_fuzz_seed2",
  "luo/luo_fuzz_seed1",
  "series/fuzz_p1_2",
  "vfio/p2p_edu_p2p",
  "vfio/vfio_fuzz_seed2",
];

async function eventsOf(source: TraceSource): Promise<Event[]> {
  const events: Event[] = [];
  for await (const event of source.events()) {
    events.push(event);
    if (events.length === EVENTS_MAX) break;
  }
  return events;
}

/** The same call with the other kind of answer; undefined where it has none. */
function answeredOtherwise(event: Event): Event | undefined {
  const { ret, errno, out, ...rest } = event as Event & {
    ret?: number;
    errno?: string;
    out?: object;
  };
  if (ret === undefined) return undefined;
  const otherwise = ret === -1 ? { ...rest, ret: 0 } : { ...rest, ret: -1, errno: "EIO" };
  return otherwise as unknown as Event;
}

/**
 * The same success with other outputs; undefined where it shows none. What is adopted stays: it may
 * decide about others, as a region's flags tell whether it has capabilities.
 */
function withOtherOutputs(event: Event, adopted: readonly string[]): Event | undefined {
  if (event.type !== "ioctl" || event.ret === -1 || event.out === undefined) return undefined;
  const other = (value: FieldValue): FieldValue =>
    typeof value === "number" ? value + 40 : typeof value === "bigint" ? value ^ 0x1000n : value;
  const out = Object.fromEntries(
    Object.entries(event.out).map(([field, value]) => [
      field,
      adopted.includes(field) ? value : other(value),
    ]),
  );
  return { ...event, out };
}

/** Outputs the model predicts; those it adopts are not among them. */
function outputs({ out, adopted, mem_out, ret }: Outcome): string {
  const shown = Object.entries(out).filter(([field]) => !adopted.includes(field));
  const text = (_: string, value: unknown) => (typeof value === "bigint" ? `${value}n` : value);
  const mem = mem_out === undefined ? "" : Buffer.from(mem_out).toString("hex");
  return JSON.stringify([shown, adopted.includes("ret") ? "" : ret, mem], text);
}

/** What the model claims about success and failure. */
function claim({ judgement, errno, decided_by }: Outcome): string {
  return judgement === "predicted" ? `${errno ?? "success"} ${decided_by ?? ""}` : judgement;
}

test.each(CAPTURES_TRIED)("%s", { timeout: 60_000 }, async (name) => {
  const source = await openTrace(join(CAPTURES, `${name}.ndjson.gz`));
  const events = await eventsOf(source);
  await source.close();
  const profile = PROFILES[source.header.profile ?? "luo73"];
  const straight = startMachine(profile, source.header);
  const changed: string[] = [];
  for (const [index, event] of events.entries()) {
    const { outcome } = straight.apply(event);
    const check = (altered: Event | undefined, show: (outcome: Outcome) => string): void => {
      if (altered === undefined) return;
      const other = startMachine(profile, source.header);
      for (const before of events.slice(0, index)) other.apply(before);
      const blind = show(other.apply(altered).outcome);
      if (blind !== show(outcome)) changed.push(`#${event.seq}: ${show(outcome)} / ${blind}`);
    };
    check(answeredOtherwise(event), claim);
    check(withOtherOutputs(event, outcome.adopted), outputs);
  }
  expect(changed).toEqual([]);
});

import { expect, test } from "vitest";
import { inOrder } from "../../../src/cli/many/in-order.js";

/** Work whose end the test decides. */
class Works {
  readonly started: number[] = [];
  readonly #ends = new Map<number, () => void>();

  readonly run = (item: number): Promise<string> => {
    this.started.push(item);
    return new Promise((resolve) => this.#ends.set(item, () => resolve(`result ${item}`)));
  };

  end(item: number): void {
    this.#ends.get(item)?.();
  }
}

const aMoment = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));

test("results come in order, each as soon as all before it are there", async () => {
  const works = new Works();
  const shown: string[] = [];
  const done = inOrder([0, 1, 2], 10, works.run, async (result) => {
    shown.push(result);
  });
  works.end(1);
  await aMoment();
  expect(shown).toEqual([]);
  works.end(0);
  await aMoment();
  expect(shown).toEqual(["result 0", "result 1"]);
  works.end(2);
  await done;
  expect(shown).toHaveLength(3);
});

test("no more results wait than were allowed", async () => {
  const works = new Works();
  const done = inOrder([0, 1, 2, 3], 2, works.run, async () => undefined);
  expect(works.started).toEqual([0, 1]);
  works.end(1);
  await aMoment();
  expect(works.started).toEqual([0, 1]);
  works.end(0);
  await aMoment();
  expect(works.started).toEqual([0, 1, 2, 3]);
  works.end(2);
  works.end(3);
  await done;
});

test("a failure to show ends the run", async () => {
  const full = new Error("no space left");
  const run = async (item: number): Promise<number> => item;
  await expect(inOrder([0, 1], 2, run, () => Promise.reject(full))).rejects.toBe(full);
});

/**
 * Runs work on many items at once and hands over the results in the order of the items, each as
 * soon as all before it are there.
 *
 * @param ahead Results that may wait for an earlier one: this bounds the memory.
 */
export async function inOrder<Item, Result>(
  items: readonly Item[],
  ahead: number,
  run: (item: Item) => Promise<Result>,
  show: (result: Result, item: Item) => Promise<void>,
): Promise<void> {
  const running: { readonly item: Item; readonly result: Promise<Result> }[] = [];
  let next = 0;
  const startMore = (): void => {
    for (const item of items.slice(next, next + ahead - running.length)) {
      const result = run(item);
      // Whoever awaits it is told; until then nobody listens.
      result.catch(() => undefined);
      running.push({ item, result });
      next++;
    }
  };
  startMore();
  for (let first = running.shift(); first !== undefined; first = running.shift()) {
    await show(await first.result, first.item);
    startMore();
  }
}

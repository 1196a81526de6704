/** What handlers answer with. */

export const whole = <Item>(items: readonly Item[]) => ({ items: [...items], next: null });

/** A page that is full has one after it, as far as anybody knows. */
export const page = <Item>(items: readonly Item[], limit: number, cursor: (last: Item) => string) => {
  const last = items.at(-1);
  return { items: [...items], next: last !== undefined && items.length >= limit ? cursor(last) : null };
};

/** Leaves out what is absent: the port tells "left out" and "undefined" apart. */
export type Present<Part> = { [Key in keyof Part]: Exclude<Part[Key], undefined> };
export function present<Part extends object>(part: Part): Present<Part> {
  return Object.fromEntries(Object.entries(part).filter(([, value]) => value !== undefined)) as Present<Part>;
}

export async function nothing(act: Promise<void>): Promise<undefined> {
  await act;
  return undefined;
}

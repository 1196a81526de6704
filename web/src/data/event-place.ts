/**
 * The place in the stream of events at which this page began to read: answers carry it. Whoever follows the stream from the place
 * of the first answer misses nothing that changed after any later one.
 */
const header = 'nightshift-event-id';
let place: string | undefined;

export function hearPlace(headers: Headers): void {
  place ??= headers.get(header) ?? undefined;
}

export const firstPlace = (): string | undefined => place;

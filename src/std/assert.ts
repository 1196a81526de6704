/** Assertions are for bugs: what an operator or a user can cause is a {@link Refusal} or a result instead. */

/** Throws when `condition` is false: the program is wrong, not its input. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(`assertion failed: ${message}`);
}

/** Marks a place that an exhaustive `switch` can't reach; the compiler rejects a forgotten case. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${JSON.stringify(value)}`);
}

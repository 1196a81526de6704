/** A request over the daemon's socket may name the user whose command it is, for the notes of who did what. */
export const callerHeader = 'nightshift-user';

/** A name that a header can carry; undefined when it is none. */
export const callerName = (name: unknown): string | undefined =>
  typeof name === 'string' && /^[\w.@-]{1,64}$/.test(name) ? name : undefined;

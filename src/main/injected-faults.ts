/**
 * Faults on request, for the campaign `script/faults`: the one variable NIGHTSHIFT_FAULTS, read once at the start of the
 * daemon, reachable by no way in. Without it no code of a fault is run. Words, separated by blanks:
 *
 *   kill=BOUNDARY:N        the daemon kills itself when it passes the boundary for the N-th time
 *   deaf                   file events of exits are left out
 *   oci=PATH               an OCI runtime in place of crun and runc (PATH without blanks)
 *   segment=BYTES          the size at which a run's output is rotated
 *   pack=SECONDS           output is packed when nothing was written to it for so long, and looked for as often
 */

/** In the order in which a run passes them. */
export const boundaries = [
  'run-recorded',
  'conmon-spawned',
  'pid-received',
  'runtime-started',
  'start-recorded',
  'log-renamed',
  'exit-seen',
  'end-recorded',
] as const;

/** In the order in which a push passes them; the first one at every step of its deployment. */
export const pushBoundaries = ['deployment-saved', 'code-staged', 'code-laid', 'code-kept'] as const;

/** A notice was taken by its receiver, and nothing notes that yet. */
export const alertBoundaries = ['delivery-arrived'] as const;

/** In the order in which the output of ended runs passes them on its way into a pack; some of them many times. */
export const packingBoundaries = [
  'pack-joined',
  'pack-copied',
  'pack-written',
  'pack-renamed',
  'pack-removed',
  'pack-gone',
  'pack-settled',
] as const;

export type Boundary = (name: string) => void;

export interface InjectedFaults {
  readonly boundary: Boundary | undefined;
  /** Options of the container runtime. */
  readonly container: {
    readonly boundary?: Boundary;
    readonly watchExits?: boolean;
    readonly ociRuntimes?: readonly string[];
  };
  /** Options of the log store. */
  readonly logs: {
    readonly limits?: { readonly logSegmentBytes?: number; readonly logPackAfterSeconds?: number };
    readonly packingAt?: (place: string) => void;
  };
  /** How often output is looked for that may be packed; the usual when absent. */
  readonly packEveryMs?: number;
}

/** The same object, whose methods tell the boundary that lies after (or before) each of them. Without a boundary, the object itself. */
export function withBoundaries<T extends object>(
  object: T,
  boundary: Boundary | undefined,
  names: {
    readonly after?: Partial<Record<keyof T, string>>;
    readonly before?: Partial<Record<keyof T, string>>;
  },
): T {
  if (boundary === undefined) return object;
  return new Proxy(object, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key);
      const [before, after] = [names.before?.[key as keyof T], names.after?.[key as keyof T]];
      if (typeof value !== 'function') return value;
      return (...args: unknown[]): unknown => {
        if (before !== undefined) boundary(before);
        const answer: unknown = Reflect.apply(value, target, args);
        if (after === undefined) return answer;
        return Promise.resolve(answer).then((resolved) => {
          boundary(after);
          return resolved;
        });
      };
    },
    // `onExit` is set on the runtime itself.
    set: (target, key, value) => Reflect.set(target, key, value),
  });
}

const killSelf = (): void => void process.kill(process.pid, 'SIGKILL');

/** Throws an Error with a sentence when a word is not understood: a fault that does not happen would prove nothing. */
export function injectedFaults(words: string | undefined, kill: () => void = killSelf): InjectedFaults {
  let boundary: Boundary | undefined;
  let container: InjectedFaults['container'] = {};
  let logs: InjectedFaults['logs'] = {};
  let pack: Pick<InjectedFaults, 'packEveryMs'> = {};
  for (const word of (words ?? '').split(/\s+/).filter(Boolean)) {
    const [name = '', value = ''] = word.split(/=(.*)/s);
    if (name === 'kill') boundary = killAt(value, kill);
    else if (name === 'deaf') container = { ...container, watchExits: false };
    else if (name === 'oci' && value.startsWith('/')) container = { ...container, ociRuntimes: [value] };
    else if (name === 'segment' && Number(value) > 0)
      logs = { limits: { ...logs.limits, logSegmentBytes: Number(value) } };
    else if (name === 'pack' && Number(value) > 0) {
      logs = { limits: { ...logs.limits, logPackAfterSeconds: Number(value) } };
      pack = { packEveryMs: Number(value) * 1000 };
    } else throw new Error(`NIGHTSHIFT_FAULTS: "${word}" is not understood`);
  }
  if (boundary !== undefined) {
    const tell = boundary;
    container = { ...container, boundary };
    logs = { ...logs, packingAt: (place) => tell(`pack-${place}`) };
  }
  return { boundary, container, logs, ...pack };
}

function killAt(value: string, kill: () => void): Boundary {
  const [wanted = '', count = '1'] = value.split(':');
  const known: readonly string[] = [
    ...boundaries,
    ...packingBoundaries,
    ...pushBoundaries,
    ...alertBoundaries,
  ];
  if (!known.includes(wanted) || !(Number(count) >= 1)) {
    throw new Error(`NIGHTSHIFT_FAULTS: "${value}" is no boundary: ${known.join(', ')}, with a count`);
  }
  let left = Number(count);
  return (name) => {
    if (name !== wanted) return;
    left -= 1;
    if (left === 0) kill();
  };
}

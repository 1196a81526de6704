/**
 * Who may import whom: the arrows of the tree, as data. ARCHITECTURE.md draws them; `arrows.test.ts` holds every file to them.
 * A target is a room, a folder below one (`platforms/local`), or a single file, such as a port.
 */
export interface Room {
  /** Rooms, folders or files below src/ that it may import, beside itself. */
  readonly mayImport: readonly string[];
  /** Of these it may name the types, which `control.ts` passes on, and nothing that runs. */
  readonly mayNameTypesOf?: readonly string[];
  /** npm packages that it wraps; Node's own modules are free to all rooms that are not pure. */
  readonly packages: readonly string[];
  /** No clock, no randomness, no I/O, no Node: the compiler checks it too. */
  readonly pure?: true;
}

const ports = [
  'platforms/platform.ts',
  'runtimes/runtime.ts',
  'store/store.ts',
  'logs/log-store.ts',
  'logs/log-sender.ts',
  'metrics/metrics.ts',
  'alerts/alert-sender.ts',
] as const;

/** The longest name that is a prefix of a file's path is its room. */
export const rooms: Readonly<Record<string, Room>> = {
  std: { mayImport: [], packages: [], pure: true },
  domain: { mayImport: ['std'], packages: [], pure: true },
  supervisor: { mayImport: ['domain', 'std'], packages: [], pure: true },
  scheduler: { mayImport: ['domain', 'std'], packages: [], pure: true },
  // Files of other programs in, jobs and sentences out; and back.
  importers: { mayImport: ['domain', 'std', 'scheduler'], packages: ['yaml'], pure: true },
  contract: { mayImport: [], packages: ['zod'] },
  platforms: { mayImport: ['domain', 'std'], packages: [] },
  // What it needs of the store and of the logs it says itself, in two small interfaces: it knows neither port.
  'platforms/local': {
    mayImport: ['platforms/platform.ts', 'domain', 'std', 'supervisor', 'scheduler', 'runtimes/runtime.ts'],
    packages: [],
  },
  runtimes: { mayImport: ['domain', 'std'], packages: [] },
  store: { mayImport: ['domain', 'std'], packages: [] },
  // The rules of what is kept, written once: they ask a database and do not know which.
  'store/rows': {
    mayImport: ['store/store.ts', 'store/alert-store.ts', 'store/log-receiver-store.ts', 'domain', 'std'],
    packages: ['kysely', 'zod'],
  },
  // Each has its own way to carry out the work of the rows.
  'store/sqlite': { mayImport: ['store/rows', 'store/store.ts', 'domain', 'std'], packages: [] },
  'store/postgres': { mayImport: ['store/rows', 'store/store.ts', 'domain', 'std'], packages: ['pg'] },
  // Requests to where people say: to checked addresses only.
  outbound: { mayImport: ['domain', 'std'], packages: [] },
  logs: { mayImport: ['domain', 'std', 'outbound'], packages: [] },
  metrics: { mayImport: ['metrics/core', 'domain', 'std'], packages: [] },
  'metrics/core': { mayImport: ['domain', 'std'], packages: [], pure: true },
  // What is to be told and when (pure), and the senders over the network.
  'alerts/core': { mayImport: ['domain', 'std', 'scheduler'], packages: [], pure: true },
  alerts: { mayImport: ['alerts/core', 'domain', 'std', 'outbound'], packages: ['nodemailer'] },
  control: {
    mayImport: ['domain', 'std', 'supervisor', 'scheduler', 'importers', 'alerts/core', ...ports],
    packages: ['yaml'],
  },
  // From the words of the domain to those of the contract, for every way in.
  wire: { mayImport: ['control', 'contract', 'domain', 'std'], mayNameTypesOf: ports, packages: [] },
  http: {
    mayImport: ['control', 'contract', 'domain', 'std', 'wire'],
    mayNameTypesOf: ports,
    packages: ['fastify', '@fastify/websocket', 'ws', 'zod', 'pino'],
  },
  ssh: {
    mayImport: ['control', 'contract', 'domain', 'std', 'wire'],
    mayNameTypesOf: ports,
    packages: ['ssh2', 'pino'],
  },
  git: { mayImport: ['control', 'contract', 'domain', 'std'], mayNameTypesOf: ports, packages: ['pino'] },
  // Its own files, over what the store copies.
  backup: { mayImport: ['control', 'domain', 'std', 'store/store.ts'], packages: [] },
  cli: { mayImport: ['contract'], packages: ['commander', 'ws', 'yaml', 'zod'] },
  // Makes a service of this program, and takes it away.
  install: { mayImport: ['domain', 'std'], packages: [] },
  main: {
    mayImport: [
      'alerts',
      'backup',
      'cli',
      'contract',
      'control',
      'domain',
      'git',
      'http',
      'importers',
      'install',
      'logs',
      'metrics',
      'platforms',
      'runtimes',
      'scheduler',
      'ssh',
      'std',
      'store',
      'supervisor',
      'wire',
    ],
    packages: ['pino'],
  },
};

/** `platforms/local/runs.ts` → `platforms/local`. */
export function roomOf(path: string): string | undefined {
  return Object.keys(rooms)
    .filter((room) => path === room || path.startsWith(`${room}/`))
    .sort((a, b) => b.length - a.length)[0];
}

/** May a file of `room` import the file `target` (both below src/)? */
export function mayImport(room: string, target: string, typeOnly: boolean): boolean {
  const own = target.startsWith(`${room}/`) && roomOf(target) === room;
  const { mayImport: all = [], mayNameTypesOf: types = [] } = rooms[room] ?? {};
  const allowed = typeOnly ? [...all, ...types] : all;
  return own || allowed.some((each) => target === each || target.startsWith(`${each}/`));
}

/**
 * The rooms of the dashboard, below web/src. What is nearer to the list's beginning knows less; of `src` they share the contract
 * and nothing else. `main.tsx` joins them.
 */
export const webRooms: Readonly<Record<string, Room>> = {
  data: {
    mayImport: [],
    packages: ['@tanstack/react-query', '@tanstack/react-router', 'virtual:route-table', 'zod'],
  },
  design: {
    mayImport: ['data'],
    packages: ['react', '@mantine/core', '@tanstack/react-virtual', 'uplot', 'uqr'],
  },
  parts: {
    mayImport: ['data', 'design'],
    packages: [
      'react',
      '@mantine/core',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@tanstack/react-virtual',
    ],
  },
  // Each folder below it is a room of its own: they never import each other.
  features: {
    mayImport: ['data', 'design', 'parts'],
    packages: [
      'react',
      '@mantine/core',
      '@tanstack/react-query',
      '@tanstack/react-router',
      '@tanstack/react-virtual',
      'uplot',
    ],
  },
  shell: {
    mayImport: ['data', 'design', 'parts', 'features'],
    packages: ['react', '@mantine/core', '@tanstack/react-query', '@tanstack/react-router'],
  },
  'react-first.ts': { mayImport: [], packages: ['react-dom'] },
  'main.tsx': {
    mayImport: ['data', 'design', 'shell', 'react-first.ts'],
    packages: ['react', 'react-dom', '@mantine/core', '@tanstack/react-query', '@tanstack/react-router'],
  },
};

/** Signal names without `SIG`, by number, as Linux numbers them on x86 and ARM (signal(7)). */
export const signalNumbers = {
  HUP: 1,
  INT: 2,
  QUIT: 3,
  ILL: 4,
  TRAP: 5,
  ABRT: 6,
  BUS: 7,
  FPE: 8,
  KILL: 9,
  USR1: 10,
  SEGV: 11,
  USR2: 12,
  PIPE: 13,
  ALRM: 14,
  TERM: 15,
  STKFLT: 16,
  CHLD: 17,
  CONT: 18,
  STOP: 19,
  TSTP: 20,
  TTIN: 21,
  TTOU: 22,
  URG: 23,
  XCPU: 24,
  XFSZ: 25,
  VTALRM: 26,
  PROF: 27,
  WINCH: 28,
  IO: 29,
  PWR: 30,
  SYS: 31,
} as const;

export type SignalName = keyof typeof signalNumbers;

/** Those that a job may choose as its exit signal: they end a program by default or are commonly handled as "finish". */
export const exitSignals = [
  'TERM',
  'INT',
  'QUIT',
  'HUP',
  'USR1',
  'USR2',
  'WINCH',
  'KILL',
  'ABRT',
  'ALRM',
] as const;

/** Reads `TERM`, `sigterm` or `15`; undefined when it is no signal. */
export function parseSignal(text: string): SignalName | undefined {
  const trimmed = text.trim().toUpperCase().replace(/^SIG/, '');
  if (trimmed in signalNumbers) return trimmed as SignalName;
  return /^\d+$/.test(trimmed) ? signalName(Number(trimmed)) : undefined;
}

/** The name of a signal number, if it has one. */
export function signalName(number: number): SignalName | undefined {
  for (const [name, value] of Object.entries(signalNumbers)) if (value === number) return name as SignalName;
  return undefined;
}

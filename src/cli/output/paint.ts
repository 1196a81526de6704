import { colours, noColours, type Paint } from '../../contract/paint.ts';
import type { CliIo } from '../io.ts';

export type { Paint };

/** Colours on a terminal, unless NO_COLOR is set (no-color.org) or the terminal is a dumb one. */
export function paintFor(io: CliIo): Paint {
  const unwanted = (io.variables.NO_COLOR ?? '') !== '' || io.variables.TERM === 'dumb';
  return io.stdout.isTTY === true && !unwanted ? colours : noColours;
}

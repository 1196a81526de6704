import { constants } from 'node:os';
import { expect, it } from 'vitest';
import { exitSignals, parseSignal, signalName, signalNumbers } from './signals.ts';

it('signals have the numbers of this system', () => {
  if (process.platform !== 'linux') return;
  for (const [name, number] of Object.entries(signalNumbers)) {
    const known = constants.signals[`SIG${name}` as keyof typeof constants.signals];
    if (known !== undefined) expect(number, name).toBe(known);
  }
  expect(Object.keys(signalNumbers)).toHaveLength(31);
});

it.each([
  ['TERM', 'TERM'],
  ['sigterm', 'TERM'],
  [' SIGHUP\n', 'HUP'],
  ['15', 'TERM'],
  ['9', 'KILL'],
])('%j is read as %s', (text, name) => expect(parseSignal(text)).toBe(name));

it.each([
  '',
  ' ',
  'SIG',
  'TERMINATE',
  '0',
  '32',
  '-1',
  '1.5',
  'toString',
  'constructor',
  '__proto__',
  'NaN',
  '0x0f',
  '1e1',
])('%j is no signal', (text) => expect(parseSignal(text)).toBeUndefined());

it('numbers and names belong together', () => {
  for (const [name, number] of Object.entries(signalNumbers)) expect(signalName(number)).toBe(name);
  expect(signalName(0)).toBeUndefined();
});

it('a job may choose among signals that there are', () => {
  for (const name of exitSignals) expect(signalNumbers[name]).toBeGreaterThan(0);
});

/** What a start does so that the first person gets in, and what it says of how safe the way is. */
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import type { FirstOperator } from '../control/first-operator.ts';
import { Refusal } from '../domain/errors.ts';

type Say = (line: string) => void;

/**
 * Makes the account `operator` from a password file, where there is none yet.
 * @throws Refusal `password.*`
 */
export async function takeOperatorPassword(control: FirstOperator, file: string, say: Say): Promise<void> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
    if (((await stat(file)).mode & 0o077) !== 0)
      say(`note: others on this machine can read ${file}: close it to them with "chmod 600 ${file}"`);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    throw new Refusal('password.file', { file, why: code ?? message }, { cause: error });
  }
  // Editors and `echo` end a line; what is before its end is the password.
  const password = text.replace(/\r?\n$/, '');
  if (!(await control.takeOperatorPassword(password)))
    say(`note: the account "operator" is there already: its password is not taken from ${file}`);
}

/** Prints the link by which the first operator is made, where there is no account yet. */
export async function tellSetUpLink(control: FirstOperator, say: Say): Promise<void> {
  const link = await control.setUpLink();
  if (link?.url !== null && link?.url !== undefined) say(`set-up: ${link.url}`);
}

const loopback = /^(localhost|127\.[\d.]+|\[::1\])(:|$)/;

/** What to say of a dashboard that others can reach, where nothing is known to encrypt it. */
export function warningOfListening(address: string, proxies: readonly string[]): string | null {
  if (loopback.test(address) || proxies.length > 0) return null;
  return `the dashboard listens at ${address} without TLS: passwords can be read on the way; put a proxy with TLS before it, let Nightshift listen at 127.0.0.1, and name the proxy with --trust-proxy`;
}

/** The address as a browser elsewhere can reach it: "everywhere" is no place to go to. */
export const dashboardUrl = (address: string): string =>
  `http://${address.replace(/^(0\.0\.0\.0|\[::\])(?=:)/, () => hostname())}`;

/** Where the dashboard, the API and SSH listen on TCP. */
import { hostname } from 'node:os';
import { join } from 'node:path';
import { Refusal } from '../domain/errors.ts';
import { formatListenAddress, type ListenAddress, parseListenAddress } from '../domain/listen-address.ts';
import { listenOnTcp } from '../http/listen-on-tcp.ts';
import { hostKeyOf } from '../ssh/host-key.ts';
import { type SshServer, type SshServerOptions, startSshServer } from '../ssh/ssh-server.ts';

/** Where they listen when nobody says where: for this machine alone. */
const usualAddress: ListenAddress = { host: '127.0.0.1', port: 8484 };
const usualSshAddress: ListenAddress = { host: '127.0.0.1', port: 2222 };

/** What Vite builds, in this checkout or package. */
export const dashboardFolder = join(import.meta.dirname, '..', '..', 'web', 'dist');

/** What was asked for: an address, nowhere, or the usual address as long as it is to be had. */
export type ListenWish =
  | { readonly kind: 'at'; readonly address: ListenAddress }
  | { readonly kind: 'nowhere' }
  | { readonly kind: 'usual' };

/**
 * @param asked `HOST:PORT`, `none`, or undefined when nobody asked
 * @throws Refusal `listen.address`
 */
export function listenWish(asked: string | undefined): ListenWish {
  if (asked === undefined) return { kind: 'usual' };
  return asked === 'none' ? { kind: 'nowhere' } : { kind: 'at', address: parseListenAddress(asked) };
}

/**
 * @param note told when the usual address is not to be had: what nobody asked for does not keep jobs from running
 * @returns where it listens; null: nowhere
 * @throws Refusal `listen.failed`
 */
export async function openTcp(
  app: Parameters<typeof listenOnTcp>[0],
  wish: ListenWish,
  note: (sentence: string) => void,
): Promise<string | null> {
  if (wish.kind === 'nowhere') return null;
  try {
    const address = wish.kind === 'at' ? wish.address : usualAddress;
    return formatListenAddress(await listenOnTcp(app, address));
  } catch (error) {
    if (wish.kind === 'at' || !(error instanceof Refusal)) throw error;
    note(`there is no dashboard: ${error.message}`);
    return null;
  }
}

/**
 * @param folder the data folder, which keeps the host's key
 * @param note told when the usual address is not to be had
 * @returns null: nowhere
 * @throws Refusal `listen.failed`, `ssh.host-key`
 */
export async function openSsh(
  options: Omit<SshServerOptions, 'hostKey' | 'hostName'>,
  folder: string,
  wish: ListenWish,
  note: (sentence: string) => void,
): Promise<SshServer | null> {
  if (wish.kind === 'nowhere') return null;
  const hostKey = await hostKeyOf(folder);
  try {
    const address = wish.kind === 'at' ? wish.address : usualSshAddress;
    return await startSshServer({ ...options, hostKey, hostName: hostname() }, address);
  } catch (error) {
    if (wish.kind === 'at' || !(error instanceof Refusal)) throw error;
    note(`there is no SSH: ${error.message}`);
    return null;
  }
}

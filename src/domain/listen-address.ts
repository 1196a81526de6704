import { Refusal } from './errors.ts';

/** Where a server listens on TCP. Port 0: the machine chooses a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const portMax = 65_535;

/** Reads `HOST:PORT`, with IPv6 in brackets: `[::1]:8484`. Rejects with Refusal `listen.address`. */
export function parseListenAddress(text: string): ListenAddress {
  const found = /^(?:\[([0-9a-f:.]+)\]|([^:[\]\s/]+)):(\d{1,5})$/i.exec(text);
  const host = found?.[1] ?? found?.[2];
  const port = Number(found?.[3]);
  if (host === undefined || port > portMax) throw new Refusal('listen.address', { address: text });
  return { host, port };
}

/** The way back, as it stands in a URL. */
export const formatListenAddress = ({ host, port }: ListenAddress): string =>
  `${host.includes(':') ? `[${host}]` : host}:${port}`;

const reasons: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another program listens there already',
  EACCES: 'ports below 1024 need root',
  EADDRNOTAVAIL: 'this machine does not have that address',
  ENOTFOUND: 'there is no such host',
};

/** Refusal `listen.failed`, from what the system says. `option`: where another address can be named. */
export function listenFailure(address: ListenAddress, thrown: unknown, option: string): Refusal {
  const { code, message } = thrown as { readonly code?: string; readonly message?: string };
  const why = reasons[code ?? ''] ?? code ?? message;
  return new Refusal(
    'listen.failed',
    { address: formatListenAddress(address), why, option },
    { cause: thrown },
  );
}

/** Whose word about a client's address, host and TLS is taken: proxies that the operator named, and nobody else. */
import { isIP } from 'node:net';
import { Refusal } from '../domain/errors.ts';

/** Reads addresses and networks such as `10.0.0.1` or `10.0.0.0/8`. Rejects with Refusal `listen.proxy`. */
export function trustedProxies(asked: readonly string[]): readonly string[] {
  for (const proxy of asked) {
    const [address = '', bits, ...rest] = proxy.split('/');
    const version = isIP(address);
    const most = version === 4 ? 32 : 128;
    const fits = bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most);
    if (version === 0 || !fits || rest.length > 0) throw new Refusal('listen.proxy', { proxy });
  }
  return asked;
}

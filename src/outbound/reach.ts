/**
 * Where a request may go. What members write must not make the daemon, which stands inside, speak to what only those inside can
 * reach: this machine, its neighbours, the metadata of a cloud. The address that is connected to is the one that was checked,
 * so that a name which leads elsewhere a moment later gains nothing.
 */
import { lookup as lookUp } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { networkInterfaces } from 'node:os';
import type { Reach } from '../domain/reach.ts';

/** Special-purpose addresses (RFC 6890 and its registries), and those that stand for IPv4 inside IPv6. */
const privateNetworks = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/4',
  '240.0.0.0/4',
  '::/128',
  '::1/128',
  '::/96',
  '64:ff9b::/96',
  '64:ff9b:1::/48',
  '100::/64',
  '2001::/23',
  '2001:db8::/32',
  '2002::/16',
  'fc00::/7',
  'fe80::/10',
  'fec0::/10',
  'ff00::/8',
];

const family = (address: string): 'ipv4' | 'ipv6' => (isIP(address) === 4 ? 'ipv4' : 'ipv6');

function listOf(networks: readonly string[]): BlockList {
  const list = new BlockList();
  for (const network of networks) {
    const [address = '', bits] = network.split('/');
    if (bits === undefined) list.addAddress(address, family(address));
    else list.addSubnet(address, Number(bits), family(address));
  }
  return list;
}

const closed = listOf(privateNetworks);

/** Also this machine's public addresses: behind its own firewall more is open than in front of it. */
const own = (): BlockList =>
  listOf(
    Object.values(networkInterfaces()).flatMap((each) =>
      (each ?? []).map(({ address }) => address.replace(/%.*$/, '')),
    ),
  );

/** `::ffff:10.0.0.1` is 10.0.0.1. */
const bare = (address: string): string =>
  address
    .replace(/^\[|\]$/g, '')
    .replace(/%.*$/, '')
    .replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');

export function mayReach(address: string, reach: Reach): boolean {
  if (reach === 'anywhere') return true;
  const plain = mapped(bare(address));
  if (isIP(plain) === 0) return false;
  if (listOf(reach).check(plain, family(plain))) return true;
  return !closed.check(plain, family(plain)) && !own().check(plain, family(plain));
}

/** The IPv4 address inside `::ffff:7f00:1`, which BlockList takes for another one. */
function mapped(address: string): string {
  const match = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/i.exec(address);
  if (match === null) return address;
  const [high, low] = [Number.parseInt(match[1] ?? '', 16), Number.parseInt(match[2] ?? '', 16)];
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

/** Thrown where a name leads to an address that may not be reached. */
export class Forbidden extends Error {}

/** Looks a name up and hands on only what may be reached: what is connected to is what was checked. */
export const lookupWithin =
  (reach: Reach): LookupFunction =>
  (hostname, options, done) => {
    lookUp(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return done(error, []);
      const open = found.filter(({ address }) => mayReach(address, reach));
      const [first] = open;
      if (first === undefined)
        return done(new Forbidden(`${hostname} is an address of this machine or of its private network`), []);
      return options.all === true ? done(null, open) : done(null, first.address, first.family);
    });
  };

export const isNetwork = (text: string): boolean => {
  const [address = '', bits, ...rest] = text.split('/');
  const version = isIP(address);
  const most = version === 4 ? 32 : 128;
  return (
    version !== 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= most))
  );
};

/** The host of an address by which it can be told, without asking the network, that it leads inside. */
export function isForbiddenHost(hostname: string, reach: Reach): boolean {
  if (reach === 'anywhere') return false;
  const host = bare(hostname);
  if (isIP(host) !== 0) return !mayReach(host, reach);
  return /(^|\.)localhost\.?$/i.test(host) && !mayReach('127.0.0.1', reach);
}

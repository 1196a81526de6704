/** What ssh2 knows and does not hand out: a reason where it refuses a channel, and clients that want to read no more. */
import type { Connection, Session } from 'ssh2';
import { Refusal } from '../domain/errors.ts';

type Handler = (protocol: unknown, recipient: number, type: string, ...rest: readonly unknown[]) => void;

interface Internals {
  readonly _protocol?: {
    channelOpenFail?: (recipient: number, reason: number, description?: string) => void;
    readonly _handlers?: { CHANNEL_REQUEST?: Handler };
  };
}

interface SessionInternals {
  readonly _chanInfo?: { readonly incoming?: { readonly id?: number } };
}

/** Forwarding of ports and sockets is refused, with the reason where the protocol has a place for it. */
export function refuseForwarding(connection: Connection): void {
  const { message } = new Refusal('ssh.no-forwarding', { what: 'a port' });
  const protocol = (connection as Internals)._protocol;
  const say = protocol?.channelOpenFail;
  if (protocol !== undefined && say !== undefined) {
    protocol.channelOpenFail = (recipient, reason, description) =>
      say.call(protocol, recipient, reason, description === '' ? message : description);
  }
  // "no-more-sessions" is answered by ssh2; for all others a client hears no more than no.
  connection.on('request', (_accept, reject) => reject?.());
}

/** The name that a server must have for OpenSSH to tell it that nobody reads any more, as in `ssh … tail | head`. */
export const identity = 'OpenSSH_compatible Nightshift';

/** Calls the answer's listeners when a client says so ("end of write", in OpenSSH's PROTOCOL file, 2.1). */
export function endsOfWrite(connection: Connection): (session: Session, act: () => void) => void {
  const acts = new Map<number, () => void>();
  const handlers = (connection as Internals)._protocol?._handlers;
  const handle = handlers?.CHANNEL_REQUEST;
  if (handlers !== undefined && handle !== undefined) {
    handlers.CHANNEL_REQUEST = (protocol, recipient, type, ...rest) => {
      if (type === 'eow@openssh.com') acts.get(recipient)?.();
      handle(protocol, recipient, type, ...rest);
    };
  }
  return (session, act) => {
    const channel = (session as SessionInternals)._chanInfo?.incoming?.id;
    if (channel === undefined) return;
    acts.set(channel, act);
    session.once('close', () => acts.delete(channel));
  };
}

/** Forwarding of ports and sockets is refused, with the reason where the protocol has a place for it. */
import type { Connection } from 'ssh2';
import { Refusal } from '../domain/errors.ts';

/** ssh2's own way to say no to a channel; its public one has no words. */
interface ChannelRefusals {
  readonly _protocol?: {
    channelOpenFail?: (recipient: number, reason: number, description?: string) => void;
  };
}

export function refuseForwarding(connection: Connection): void {
  const { message } = new Refusal('ssh.no-forwarding', { what: 'a port' });
  const protocol = (connection as ChannelRefusals)._protocol;
  const say = protocol?.channelOpenFail;
  if (protocol !== undefined && say !== undefined) {
    protocol.channelOpenFail = (recipient, reason, description) =>
      say.call(protocol, recipient, reason, description === '' ? message : description);
  }
  // "no-more-sessions" is answered by ssh2; for all others a client hears no more than no.
  connection.on('request', (_accept, reject) => reject?.());
}

/** One letter to the operator's mail server. */
import { hostname } from 'node:os';
import { createTransport } from 'nodemailer';
import type { MailServer } from '../../domain/alert.ts';
import type { Mail } from '../alert-sender.ts';
import type { Failure } from '../core/deliveries.ts';

const timeoutMs = 15_000;

export async function sendMail(server: MailServer, { id, to, subject, text }: Mail): Promise<Failure | null> {
  const { host, port, tls, user, password, from } = server;
  const transport = createTransport({
    host,
    port,
    secure: tls,
    ...(user === null ? {} : { auth: { user, pass: password ?? '' } }),
    // A password goes over nothing that others can read.
    requireTLS: user !== null && !tls,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({
      from,
      to: [...to],
      subject,
      text,
      messageId: `<${id}@${hostname()}>`,
      headers: { 'Auto-Submitted': 'auto-generated', 'X-Nightshift-Delivery': id },
    });
    return null;
  } catch (error) {
    const { responseCode, code, message } = error as Error & { responseCode?: number; code?: string };
    // RFC 5321: 5yz is for good, 4yz of the moment.
    const refused = responseCode !== undefined && responseCode >= 500;
    const why = responseCode === undefined ? (code ?? message) : message;
    return { why: `the mail server ${host} did not take it (${why.replaceAll(/\s+/g, ' ')})`, refused };
  } finally {
    transport.close();
  }
}

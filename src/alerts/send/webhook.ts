/** A webhook: what its receiver's answer means, and the signature by which it knows who sent it. */
import { createHmac, randomBytes } from 'node:crypto';
import { exchange } from '../../outbound/exchange.ts';
import type { Post } from '../alert-sender.ts';
import type { Failure } from '../core/deliveries.ts';

/** Statuses by which a receiver says that it will not take it; others are of the moment. */
const isRefusal = (status: number): boolean =>
  status >= 300 && status < 500 && status !== 408 && status !== 425 && status !== 429;

export async function post({ body, ...to }: Post): Promise<Failure | null> {
  const answer = await exchange({ ...to, body: Buffer.from(body) }, 0);
  if (!('status' in answer)) return answer;
  const { status } = answer;
  if (status >= 200 && status < 300) return null;
  return { why: answer.said, refused: isRefusal(status) };
}

const keyPrefix = 'whsec_';

export const drawKey = (): string => keyPrefix + randomBytes(24).toString('base64');

/** As standardwebhooks.com has it: receivers find a library for it in their language. */
export function sign(key: string, id: string, seconds: number, body: string): string {
  const secret = Buffer.from(key.slice(keyPrefix.length), 'base64');
  return `v1,${createHmac('sha256', secret).update(`${id}.${seconds}.${body}`).digest('base64')}`;
}

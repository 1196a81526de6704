/** Remembers what it was given to send, and answers as a test says. */
import { EventLog } from '../../test/testkit/event-log.ts';
import type { LogBatch, LogSender, Sent } from '../logs/log-sender.ts';

export const taken: Sent = { kind: 'taken', refusedLines: 0, why: null };
export const away: Sent = { kind: 'failed', why: 'collector could not be reached', pauseMs: null };

export class RecordingLogSender implements LogSender {
  /** Every attempt. */
  readonly tried = new EventLog<LogBatch>();
  /** The lines that were taken, in order. */
  readonly texts: string[] = [];
  answer: (batch: LogBatch) => Sent = () => taken;

  async send(batch: LogBatch): Promise<Sent> {
    const answer = this.answer(batch);
    if (answer.kind === 'taken') this.texts.push(...textsOf(batch));
    // Told when it has happened: who waits for it finds everything done.
    setImmediate(() => this.tried.push(batch));
    return await Promise.resolve(answer);
  }
}

export const textsOf = ({ entries }: LogBatch): string[] =>
  entries.map(({ message }) => Buffer.from(message).toString());

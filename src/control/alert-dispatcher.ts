/**
 * Brings deliveries to their receivers: one at a time to each channel, again and again while it is away. What is on its way stands
 * in the store from the moment at which its incident does, so that a crash loses nothing; what arrived is noted after it has, so that a
 * crash in between sends it once more, with the same id.
 */

import { afterFailure, arrived, type Failure, isPing, leftOut, nextStep } from '../alerts/core/deliveries.ts';
import { type Notice, noticeOf, testNotice } from '../alerts/core/notice.ts';
import { quietUntil } from '../alerts/core/quiet-hours.ts';
import { bodyOf, letterOf } from '../alerts/core/shapes.ts';
import type { Delivery, KeptChannel } from '../domain/alert.ts';
import type { Reach } from '../domain/reach.ts';
import { findZone, utc } from '../scheduler/zone.ts';
import type { AlertBook } from './alert-book.ts';
import { lastLines } from './last-lines.ts';
import type { ControlParts } from './parts.ts';

/** Looked at once; the others wait for their turn. */
const waitingRead = 5_000;
const sleepMostMs = 30_000;
/** Receivers that are spoken to at once. */
const atOnce = 16;
const linesTold = 10;

type Parts = Pick<ControlParts, 'store' | 'clock' | 'logs' | 'senders' | 'dashboard' | 'onTrouble'>;

export class AlertDispatcher {
  readonly #parts: Parts;
  readonly #book: AlertBook;
  readonly #busy = new Set<string>();
  /** What has become of deliveries and is not in the store yet: they are not sent again meanwhile. */
  readonly #unsaved = new Map<string, Delivery>();
  #going = false;
  #again = false;
  #started = false;
  #closed = false;
  #cancel: () => void = () => undefined;

  constructor(parts: Parts, book: AlertBook) {
    this.#parts = parts;
    this.#book = book;
  }

  start(): void {
    this.#started = true;
    this.poke();
  }

  close(): void {
    this.#closed = true;
    this.#cancel();
  }

  /** Something waits, or may go now. */
  poke(): void {
    if (!this.#started || this.#closed) return;
    if (this.#going) this.#again = true;
    else void this.#round();
  }

  /** Sends a test at once. */
  async test(kept: KeptChannel, id: string): Promise<Failure | null> {
    const notice = testNotice(id, kept.channel.name, this.#base(), this.#parts.clock.wall());
    return await this.#bring(kept, notice);
  }

  async #round(): Promise<void> {
    this.#going = true;
    this.#cancel();
    let wake = this.#parts.clock.wall() + sleepMostMs;
    try {
      do {
        this.#again = false;
        await this.#save();
        wake = Math.min(this.#parts.clock.wall() + sleepMostMs, this.#begin(await this.#waiting()));
      } while (this.#again && !this.#closed);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#parts.onTrouble(null, `alerts could not be looked at, and will be again: ${why}`);
    } finally {
      this.#going = false;
    }
    if (this.#closed) return;
    const sleep = Math.max(50, wake - this.#parts.clock.wall());
    this.#cancel = this.#parts.clock.after(sleep, () => this.poke());
  }

  async #waiting(): Promise<ReadonlyMap<string, Delivery[]>> {
    const byChannel = new Map<string, Delivery[]>();
    for (const delivery of await this.#parts.store.waitingDeliveries(waitingRead)) {
      const now = this.#unsaved.get(delivery.id) ?? delivery;
      if (now.state !== 'waiting') continue;
      const key = keyOf(now);
      byChannel.set(key, [...(byChannel.get(key) ?? []), now]);
    }
    return byChannel;
  }

  /** Sends what may go; answers when something else may (wall time, ms). */
  #begin(byChannel: ReadonlyMap<string, readonly Delivery[]>): number {
    const now = this.#parts.clock.wall();
    let wake = Number.POSITIVE_INFINITY;
    for (const [key, waiting] of byChannel) {
      if (this.#busy.has(key) || this.#busy.size >= atOnce) continue;
      const step = nextStep(waiting, this.#quietUntil(waiting[0], now), now);
      if (step.kind === 'wait' || step.kind === 'hold') wake = Math.min(wake, step.until);
      if (step.kind === 'hold') for (const each of step.held) this.#note(each);
      if (step.kind !== 'send') continue;
      for (const each of step.leaveOut) this.#note(leftOut(each, 'it was over before it could be told', now));
      this.#busy.add(key);
      void this.#send(step.delivery).finally(() => {
        this.#busy.delete(key);
        this.poke();
      });
    }
    return wake;
  }

  #quietUntil(delivery: Delivery | undefined, now: number): number | null {
    const quiet = delivery === undefined ? undefined : this.#book.channel(delivery.channel)?.channel.quiet;
    return quiet == null ? null : quietUntil(quiet, findZone(quiet.timezone) ?? utc, now);
  }

  /** Never rejects. */
  async #send(delivery: Delivery): Promise<void> {
    const { clock, onTrouble } = this.#parts;
    try {
      const told = isPing(delivery) ? await this.#ping(delivery) : await this.#tell(delivery);
      if (typeof told === 'string') this.#note(leftOut(delivery, told, clock.wall()));
      else if (told === null) this.#note(arrived(delivery, clock.wall()));
      else {
        const after = afterFailure(delivery, told, clock.wall());
        if (after.state === 'given-up')
          onTrouble(
            delivery.environment,
            `an alert was given up after ${after.attempts} attempts: ${told.why}`,
          );
        this.#note(after);
      }
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#note(afterFailure(delivery, { why, refused: false }, clock.wall()));
    }
    await this.#save().catch(() => undefined);
  }

  /** Null: it has arrived. A sentence: it need not be told any more. */
  async #tell(delivery: Delivery): Promise<Failure | string | null> {
    const { store, logs } = this.#parts;
    const kept = this.#book.channel(delivery.channel);
    if (kept === undefined) return 'its channel was removed';
    const incident = delivery.incident === null ? undefined : await store.incident(delivery.incident);
    if (incident === undefined) return 'its incident is not kept any more';
    const { environment, run: runId } = incident;
    const run = environment === null || runId === null ? undefined : await store.run(environment, runId);
    const lines =
      run === undefined || environment === null ? [] : await lastLines(logs, environment, run.id, linesTold);
    const phase = delivery.phase === 'over' ? 'over' : 'begin';
    const facts = { id: delivery.id, phase, incident, run: run ?? null, lines, base: this.#base() } as const;
    return await this.#bring(kept, noticeOf(facts));
  }

  async #bring({ channel, secrets }: KeptChannel, notice: Notice): Promise<Failure | null> {
    const { settings } = this.#book;
    const { senders, clock } = this.#parts;
    if (channel.kind === 'mail') {
      if (settings.mailServer === null) return { why: 'no mail server is set', refused: false };
      return await senders.mail(settings.mailServer, { id: notice.id, to: channel.to, ...letterOf(notice) });
    }
    if (secrets.url === null) return { why: 'its address is not known', refused: true };
    const body = JSON.stringify(bodyOf(channel.shape, notice));
    const seconds = Math.floor(clock.wall() / 1000);
    return await senders.post({
      url: secrets.url,
      body,
      reach: reachOf(channel.environment, settings.allow),
      headers: {
        'content-type': 'application/json',
        ...identity(notice.id),
        ...(secrets.signingKey === null
          ? {}
          : {
              'webhook-timestamp': String(seconds),
              'webhook-signature': senders.sign(secrets.signingKey, notice.id, seconds, body),
            }),
      },
    });
  }

  async #ping(delivery: Delivery): Promise<Failure | string | null> {
    const { store, logs, senders } = this.#parts;
    const { environment, run: runId, phase } = delivery;
    if (environment === null || runId === null) return 'it belongs to no run';
    const run = await store.run(environment, runId);
    if (run?.job == null) return 'its run is not kept any more';
    const url = this.#book.pingUrl(environment, run.job);
    if (url === undefined) return 'its address was removed';
    const lines = phase === 'fail' ? await lastLines(logs, environment, runId, linesTold) : [];
    return await senders.post({
      url: pingAddress(url, phase),
      body: [...(run.reason === null || phase === 'start' ? [] : [run.reason]), ...lines].join('\n'),
      reach: reachOf(environment, this.#book.settings.allow),
      headers: { 'content-type': 'text/plain; charset=utf-8', ...identity(delivery.id) },
    });
  }

  #note(delivery: Delivery): void {
    this.#unsaved.set(delivery.id, delivery);
  }

  async #save(): Promise<void> {
    const unsaved = [...this.#unsaved.values()];
    if (unsaved.length === 0) return;
    await this.#parts.store.saveDeliveries(unsaved);
    for (const delivery of unsaved)
      if (this.#unsaved.get(delivery.id) === delivery) this.#unsaved.delete(delivery.id);
  }

  #base(): string | null {
    return this.#book.settings.publicUrl ?? this.#parts.dashboard?.() ?? null;
  }
}

const keyOf = ({ environment, channel }: Delivery): string => `${environment ?? ''} ${channel}`;

/** The operator's channels go anywhere; those of an environment, which members write, not into the machine or its network. */
export const reachOf = (environment: string | null, allow: readonly string[]): Reach =>
  environment === null ? 'anywhere' : allow;

/** By which a receiver knows what it has had already. */
const identity = (id: string): Record<string, string> => ({ 'webhook-id': id, 'idempotency-key': id });

/** `{state}` in the address is replaced; else it is followed by /start or /fail, as monitors of crons have it, and by nothing for success. */
export function pingAddress(address: string, state: Delivery['phase']): string {
  if (/\{state\}|%7Bstate%7D/i.test(address)) return address.replaceAll(/\{state\}|%7Bstate%7D/gi, state);
  if (state === 'success') return address;
  const url = new URL(address);
  url.pathname = `${url.pathname.replace(/\/$/, '')}/${state}`;
  return url.href;
}

/** What keeps the store small. Every step is a short transaction of its own, and the event loop is free between them. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { limits } from '../../domain/limits.ts';
import type { AccountRows } from './account-rows.ts';
import type { AlertRows } from './alert-rows.ts';
import type { DueTimeCompaction } from './due-time-compaction.ts';
import type { IncidentRows } from './incident-rows.ts';
import type { KeyedRequestRows } from './keyed-request-rows.ts';
import type { RunRows } from './run-rows.ts';
import type { SessionRows } from './session-rows.ts';
import type { Sweeping } from './sweeping.ts';
import type { Vouching } from './vouching.ts';
import type { Transactions, Work } from './work.ts';

/** Reading goes on for so long before others have a turn, ms. */
const sliceMs = 4;
const runsPerStep = 200;

interface Parts {
  readonly transactions: Transactions;
  readonly vouching: Vouching;
  readonly runs: RunRows;
  readonly compaction: DueTimeCompaction;
  readonly sweeping: Sweeping;
  readonly incidents: IncidentRows;
  readonly alerts: AlertRows;
  readonly accounts: AccountRows;
  readonly sessions: SessionRows;
  readonly keyedRequests: KeyedRequestRows;
}

export class Housekeeping {
  readonly #parts: Parts;
  #running: Promise<void> | undefined;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  /** All of it once; a call while it runs waits for that one. */
  run(now: number): Promise<void> {
    this.#running ??= this.#all(now).finally(() => {
      this.#running = undefined;
    });
    return this.#running;
  }

  async #all(now: number): Promise<void> {
    const { transactions, sweeping, vouching } = this.#parts;
    await vouching.tidy();
    while (await transactions.write(() => sweeping.sweep())) await nextTurn();
    while (await transactions.write(() => sweeping.expireActivity(now - limits.activityAgeSeconds * 1000)))
      await nextTurn();
    while (await transactions.write(() => sweeping.trimActivity())) await nextTurn();
    await transactions.write(() => this.#expireAccess(now));
    const { keyedRequests } = this.#parts;
    const before = now - limits.idempotencySeconds * 1000;
    while (await transactions.write(() => keyedRequests.trim(before, limits.idempotencyKeys)))
      await nextTurn();
    for (const environment of await transactions.read(() => sweeping.environments()))
      await this.#trimEnvironment(environment, now);
    while (await transactions.write(() => this.#parts.incidents.trim(null))) await nextTurn();
    while (await transactions.write(() => this.#parts.alerts.trim(now))) await nextTurn();
    await this.#compactDueTimes();
  }

  /** When it fails midway, the runs that are gone by then are answered; the rest goes another time. */
  async pruneRuns(keep: number): Promise<string[]> {
    await this.#parts.vouching.release();
    const pruned: string[] = [];
    try {
      for await (const ids of this.#beyond(keep))
        for (let start = 0; start < ids.length; start += runsPerStep) {
          const some = ids.slice(start, start + runsPerStep);
          pruned.push(...(await this.#parts.transactions.write(() => this.#parts.runs.forget(some))));
        }
    } catch (error) {
      if (pruned.length === 0) throw error;
    }
    return pruned;
  }

  async *#beyond(keep: number): AsyncGenerator<string[]> {
    const { transactions, runs } = this.#parts;
    let place = await transactions.read(() => runs.jobAfter(-1, ''));
    let sliceEnd = performance.now() + sliceMs;
    while (place !== undefined) {
      const { environment, job } = place;
      const ids = await transactions.read(() => runs.beyond(environment, job, keep));
      if (ids.length > 0) yield ids;
      if (performance.now() > sliceEnd) {
        await nextTurn();
        sliceEnd = performance.now() + sliceMs;
      }
      place = await transactions.read(() => runs.jobAfter(environment, job));
    }
  }

  /** Sessions and links that are no good any more; those of a machine are few. */
  *#expireAccess(now: number): Work<void> {
    const { sessions, accounts } = this.#parts;
    yield* sessions.expire(now - limits.sessionIdleSeconds * 1000, now - limits.sessionSeconds * 1000);
    yield* accounts.expireLinks(now);
  }

  async #trimEnvironment(environment: number, now: number): Promise<void> {
    const { transactions, compaction, sweeping, incidents } = this.#parts;
    const before = now - limits.dueTimeAgeSeconds * 1000;
    while ((await transactions.write(() => compaction.expire(environment, before))) > 0) await nextTurn();
    while (await transactions.write(() => sweeping.trimDeployments(environment))) await nextTurn();
    while (await transactions.write(() => incidents.trim(environment))) await nextTurn();
  }

  async #compactDueTimes(): Promise<void> {
    const { transactions, compaction } = this.#parts;
    let sliceEnd = performance.now() + sliceMs;
    for (const { id, compactedTo } of await transactions.read(() => compaction.jobs())) {
      let from: number | undefined = compactedTo;
      const to = await transactions.read(() => compaction.boundaryOf(id, compactedTo));
      while (to !== undefined && from !== undefined && from <= to) {
        const start: number = from;
        from = await transactions.write(() => compaction.compact(id, start, to));
      }
      if (to !== undefined) await transactions.write(() => compaction.trim(id));
      if (performance.now() < sliceEnd) continue;
      await nextTurn();
      sliceEnd = performance.now() + sliceMs;
    }
  }
}

/** The daemon's end of the talk with the hook of one push: each branch is asked about, answered with lines, and decided. */
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { Actor, Control } from '../control/control.ts';
import { Refusal } from '../domain/errors.ts';
import { formatSize } from '../domain/units.ts';
import {
  isNone,
  type LargeFile,
  lineToShow,
  parseLargeFile,
  parseUpdate,
  type RefUpdate,
  verdict,
} from './hook-scripts.ts';

/** What the pusher has not read yet; beyond that lines are left out and counted, and the deployment goes on. */
const unreadBytesMax = 1024 * 1024;

export interface HookTalkOptions {
  readonly control: Pick<Control, 'push'>;
  readonly actor: Actor;
  readonly environment: string;
  readonly signal: AbortSignal;
  /** The largest file that may be pushed, bytes. */
  readonly fileBytes: number;
  /** Told when a branch is being decided, and when it is decided. */
  readonly busy: (busy: boolean) => void;
  readonly decided: () => void;
}

export class HookTalk {
  readonly #options: HookTalkOptions;
  readonly #answers: Writable;
  readonly #over: Promise<void>;
  #leftOut = 0;
  #deployed: { readonly branch: string; readonly commit: string } | null = null;

  constructor(child: ChildProcess, options: HookTalkOptions) {
    this.#options = options;
    const questions = child.stdio[3] as Readable;
    this.#answers = child.stdio[4] as Writable;
    this.#answers.on('error', () => undefined); // whoever asked has gone
    this.#over = this.#listen(questions);
  }

  /** The branch whose code is in the root now. */
  get deployed(): { readonly branch: string; readonly commit: string } | null {
    return this.#deployed;
  }

  /** Resolves when nothing will be asked any more, and the last question is decided. */
  async over(): Promise<void> {
    this.#answers.destroy();
    await this.#over;
  }

  async #listen(questions: Readable): Promise<void> {
    questions.on('error', () => undefined); // its end is enough
    for await (const line of createInterface({ input: questions })) {
      const large = parseLargeFile(line);
      if (large !== undefined) {
        this.#refuseLarge(large);
        continue;
      }
      const update = parseUpdate(line);
      this.#options.busy(true);
      const code = update === undefined ? 1 : await this.#decide(update);
      this.#options.busy(false);
      this.#options.decided();
      this.#answers.write(verdict(code));
    }
  }

  #refuseLarge({ bytes, name }: LargeFile): void {
    const size = formatSize(bytes);
    const limit = formatSize(this.#options.fileBytes);
    this.#say(new Refusal('git.file-too-large', { file: name, size, limit }).message);
    this.#answers.write(verdict(1));
  }

  async #decide({ ref, to }: RefUpdate): Promise<number> {
    const branch = /^refs\/heads\/(.+)$/.exec(ref)?.[1];
    if (branch === undefined) {
      if (ref.startsWith('refs/tags/')) return 0;
      this.#say(`${ref} is neither a branch nor a tag, and nothing else is kept here`);
      return 1;
    }
    try {
      const { actor, environment, control, signal } = this.#options;
      const deployed = await control.push(actor, environment, {
        branch,
        commit: isNone(to) ? null : to,
        say: (line) => this.#say(line),
        signal,
      });
      if (deployed) this.#deployed = { branch, commit: to };
      return 0;
    } catch (error) {
      const told = error instanceof Refusal ? error : new Refusal('internal', {}, { cause: error });
      this.#say(told.message);
      return 1;
    }
  }

  #say(line: string): void {
    if (this.#answers.writableLength > unreadBytesMax) {
      this.#leftOut += 1;
      return;
    }
    if (this.#leftOut > 0) this.#answers.write(lineToShow(`… ${this.#leftOut} lines are left out here …`));
    this.#leftOut = 0;
    this.#answers.write(lineToShow(line));
  }
}

/** The daemon's end of a lay process. */
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { LayAnswer, LayPlace, LayRequest } from './lay/messages.ts';
import { gitEnv } from './repositories.ts';
import type { Wall } from './wall.ts';

/** TypeScript in a checkout, compiled in the package. */
const program = join(import.meta.dirname, 'lay', `lay-process${extname(import.meta.filename)}`);
/** Of what it says on standard error. */
const wordsMax = 2_000;

export class LayWorker {
  readonly #child: ChildProcess;
  readonly #answers: AsyncIterator<string>;
  readonly #closed: Promise<unknown>;
  #words = '';

  private constructor(child: ChildProcess) {
    const { stdin, stdout, stderr } = child;
    if (stdin === null || stdout === null || stderr === null) throw new Error('a lay process has no pipes');
    this.#child = child;
    stdin.on('error', () => undefined); // its end is heard where its answer is waited for
    this.#answers = createInterface({ input: stdout })[Symbol.asyncIterator]();
    stderr.setEncoding('utf8').on('data', (text: string) => {
      this.#words = (this.#words + text).slice(-wordsMax);
    });
    this.#closed = once(child, 'close').catch((error: unknown) => {
      this.#words += error instanceof Error ? error.message : String(error);
    });
  }

  /** @param folder that of the environment's repository */
  static async start(wall: Wall, folder: string, place: LayPlace): Promise<LayWorker> {
    const argv = [process.execPath, '--disable-warning=ExperimentalWarning', program];
    const child = await wall.own(folder, argv, { env: { ...gitEnv }, stdio: ['pipe', 'pipe', 'pipe'] });
    const worker = new LayWorker(child);
    worker.#say(place);
    return worker;
  }

  /** Rejects when it ended instead of answering. */
  async ask(request: LayRequest): Promise<LayAnswer> {
    this.#say(request);
    const answer = await this.#answers.next();
    if (answer.done !== true) return JSON.parse(answer.value) as LayAnswer;
    await this.#closed;
    throw new Error(`the lay process ended: ${this.#words.trim() || 'it said nothing'}`);
  }

  /** Resolves when it has ended. */
  async end(): Promise<void> {
    this.#child.stdin?.end();
    await this.#closed;
  }

  #say(document: LayPlace | LayRequest): void {
    this.#child.stdin?.write(`${JSON.stringify(document)}\n`);
  }
}

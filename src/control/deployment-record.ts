/** One deployment while it is carried out: every step is kept before it is taken, and what is said is kept with it. */
import type { Clock } from '../domain/clock.ts';
import { type Deployment, type DeploymentEvent, deploymentStep } from '../domain/deployment.ts';
import { limits } from '../domain/limits.ts';
import type { Store } from '../store/store.ts';

/** What is said is kept so often while more of it comes. */
const keepOutputMs = 1_000;

export interface RecordParts {
  readonly store: Pick<Store, 'saveDeployment' | 'saveDeploymentOutput'>;
  readonly clock: Clock;
}

export class DeploymentRecord {
  readonly #parts: RecordParts;
  readonly #listener: (line: string) => void;
  readonly #output: KeptOutput;
  #deployment: Deployment;
  #cancelKeeping: (() => void) | null = null;

  /** @param listener hears every line that is said, as it is said */
  constructor(
    parts: RecordParts,
    deployment: Deployment,
    listener: (line: string) => void = () => undefined,
    output = '',
  ) {
    this.#parts = parts;
    this.#deployment = deployment;
    this.#listener = listener;
    this.#output = new KeptOutput(output);
  }

  get deployment(): Deployment {
    return this.#deployment;
  }

  /** The next step, kept when this resolves. */
  async step(event: DeploymentEvent, said: string | null = null): Promise<void> {
    const next = deploymentStep(this.#deployment, event, this.#parts.clock.wall(), said);
    await this.#parts.store.saveDeployment(next);
    this.#deployment = next;
    if (next.endedAt !== null) await this.keepOutput();
  }

  /** Why it waits, where people see it. */
  async waits(reason: string): Promise<void> {
    this.say(reason);
    const next = { ...this.#deployment, reason };
    await this.#parts.store.saveDeployment(next);
    this.#deployment = next;
  }

  say(line: string): void {
    this.#listener(line);
    this.#output.add(line);
    this.#cancelKeeping ??= this.#parts.clock.after(keepOutputMs, () => {
      this.#cancelKeeping = null;
      // What can't be kept now is kept with the next line, or at the end, where a failure is heard.
      this.keepOutput().catch(() => undefined);
    });
  }

  async keepOutput(): Promise<void> {
    this.#cancelKeeping?.();
    this.#cancelKeeping = null;
    const { environment, id } = this.#deployment;
    await this.#parts.store.saveDeploymentOutput(environment, id, this.#output.text());
  }
}

/** The first half and the last of what may be kept; between them how much is missing. */
class KeptOutput {
  #head = '';
  #tail: string[] = [];
  #tailCharacters = 0;
  #missing = 0;

  constructor(text: string) {
    this.#head = text;
  }

  add(line: string): void {
    const half = limits.deploymentOutputCharacters / 2;
    const whole = `${line.slice(0, half)}\n`;
    if (this.#tail.length === 0 && this.#head.length + whole.length <= half) {
      this.#head += whole;
      return;
    }
    this.#tail.push(whole);
    this.#tailCharacters += whole.length;
    while (this.#tailCharacters > half) {
      this.#tailCharacters -= this.#tail.shift()?.length ?? 0;
      this.#missing += 1;
    }
  }

  text(): string {
    const gap = this.#missing === 0 ? '' : `… ${this.#missing} lines are not kept …\n`;
    return this.#head + gap + this.#tail.join('');
  }
}

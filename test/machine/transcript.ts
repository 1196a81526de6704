/** What a test in the machine prints: every check with the machine's uptime and what it took, and at the end the count. */

/** Seconds since the machine was booted: goes on when user space is restarted. */
export const uptime = (): number => Number(process.hrtime.bigint()) / 1e9;

export interface Count {
  readonly passed: number;
  readonly failed: number;
}

export class Transcript {
  #count: Count;

  constructor(before: Count = { passed: 0, failed: 0 }) {
    this.#count = before;
  }

  get count(): Count {
    return this.#count;
  }

  say(text: string): void {
    for (const line of text.split('\n')) console.log(`[${uptime().toFixed(1).padStart(7)} s] ${line}`);
  }

  /** One thing that must hold. What `act` resolves with is said beside it; when it rejects, the check has failed and the next one follows. */
  async check(title: string, act: () => Promise<string | undefined>): Promise<void> {
    const began = uptime();
    const took = (): string => `(${(uptime() - began).toFixed(1)} s)`;
    try {
      const said = await act();
      this.add({ passed: 1, failed: 0 });
      this.say(`  ok      ${title} ${took()}${said === undefined ? '' : `: ${said}`}`);
    } catch (error) {
      this.add({ passed: 0, failed: 1 });
      this.say(`  FAILED  ${title} ${took()}`);
      this.say(indented(error instanceof Error ? error.message : String(error)));
    }
  }

  add({ passed, failed }: Count): void {
    this.#count = { passed: this.#count.passed + passed, failed: this.#count.failed + failed };
  }
}

const indented = (text: string): string => text.replaceAll(/^/gm, '          ');

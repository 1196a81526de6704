/** How many sessions may be open at once, over all and in one environment. */
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';

export class SessionCounts {
  #all = 0;
  readonly #of = new Map<string, number>();

  /** Counts one more; the answer takes it away again, once. Throws Refusal `ssh.too-many-sessions`. */
  enter(environment: string): () => void {
    const here = this.#of.get(environment) ?? 0;
    if (here >= limits.sshSessionsPerEnvironment)
      throw new Refusal('ssh.too-many-sessions', {
        whose: `"${environment}"`,
        limit: limits.sshSessionsPerEnvironment,
      });
    if (this.#all >= limits.sshSessions)
      throw new Refusal('ssh.too-many-sessions', { whose: 'this server', limit: limits.sshSessions });
    this.#all++;
    this.#of.set(environment, here + 1);
    let over = false;
    return () => {
      if (over) return;
      over = true;
      this.#all--;
      const left = (this.#of.get(environment) ?? 1) - 1;
      if (left > 0) this.#of.set(environment, left);
      else this.#of.delete(environment);
    };
  }
}

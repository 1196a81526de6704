/** Which git there is, found as it is found when it is needed. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { gitEnv } from './repositories.ts';

/** Such as `2.39.5`; null where there is none that runs. */
export async function gitVersion(env: NodeJS.ProcessEnv = gitEnv): Promise<string | null> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version'], { env, timeout: 10_000 });
    return /^git version (\S+)/.exec(stdout)?.[1] ?? null;
  } catch {
    return null;
  }
}

import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeTempFolder } from '../testkit/temp-folder.ts';
import { blocks } from './pages.ts';

const page = 'docs/guides/graceful-shutdown.md';

const runs: readonly { readonly language: string; readonly program: string; readonly file: string }[] = [
  { language: 'php', program: 'php', file: 'worker.php' },
  { language: 'js', program: process.execPath, file: 'worker.mjs' },
  { language: 'python', program: 'python3', file: 'worker.py' },
  { language: 'bash', program: 'bash', file: 'worker.sh' },
];

describe('the programs of the guide to graceful shutdown', () => {
  test('are all run here', () => {
    const programs = blocks(page).map(({ language }) => language);
    expect(programs.filter((each) => each !== 'sh')).toEqual(runs.map(({ language }) => language));
  });

  describe.each(runs)('$language', ({ language, program, file }) => {
    const missing = spawnSync(program, ['--version']).error !== undefined;
    if (missing) console.warn(`not tried: ${program} is not on this machine`);

    test.skipIf(missing)('finishes the task in its hands when TERM comes, and ends with 0', async () => {
      const folder = await makeTempFolder('guide');
      onTestFinished(() => folder.dispose());
      const script = join(folder.path, file);
      const code = blocks(page).find((each) => each.language === language);
      writeFileSync(script, (code?.lines ?? []).map(({ text }) => `${text}\n`).join(''));
      const child = spawn(program, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
      const ended = once(child, 'exit');
      const printed: string[] = [];
      for await (const line of createInterface({ input: child.stdout })) {
        printed.push(line);
        // In the middle of the second task.
        if (line === 'task begun' && printed.length === 3) child.kill('SIGTERM');
      }
      expect(await ended).toEqual([0, null]);
      expect(printed).toEqual(['task begun', 'task done', 'task begun', 'task done', 'shutting down safely']);
    });
  });
});

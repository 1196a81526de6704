import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeTempFolder } from '../../test/testkit/temp-folder.ts';
import { machineGoesDown } from './machine-goes-down.ts';

describe('the machine goes down', () => {
  let folder: Awaited<ReturnType<typeof makeTempFolder>>;
  beforeAll(async () => {
    folder = await makeTempFolder('systemctl');
  });
  afterAll(() => folder.dispose());

  const ask = async (script: string): Promise<boolean> => {
    const systemctl = join(folder.path, `systemctl-${Math.random()}`);
    await writeFile(systemctl, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    return await machineGoesDown(systemctl, folder.path);
  };

  test('when systemd says so, whose exit code says something else', async () => {
    expect(await ask('[ "$*" = is-system-running ] && echo stopping; exit 1')).toBe(true);
  });

  test.each(['echo running', 'echo degraded; exit 1', 'echo starting; exit 1', 'exit 1'])(
    'and does not when it says: %s',
    async (script) => expect(await ask(script)).toBe(false),
  );

  test('and does not where systemd can’t be asked', async () => {
    expect(await machineGoesDown('/nonexistent/systemctl', folder.path)).toBe(false);
    expect(await machineGoesDown('/nonexistent/systemctl', '/nonexistent')).toBe(false);
  });
});

/**
 * PHP as in the field: the loop that PHP workers are told to use, under stop, restart and deployment.
 * Five one-second sleeps stand for a piece of work that must not be cut; TERM is heeded after it.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Daemon, type Follower, Stage } from './daemon.ts';
import { canPush, GitClient } from './git-client.ts';
import { has } from './machine.ts';

const gracefulLoop = `<?php
$leaving = false;
pcntl_async_signals(true);
pcntl_signal(SIGTERM, function () use (&$leaving) { $leaving = true; echo "Asked to leave\\n"; });
while (true) {
    for ($part = 1; $part <= 5; $part++) {
        $until = microtime(true) + 1;
        while (($rest = $until - microtime(true)) > 0) { usleep((int) ($rest * 1e6)); }
        echo "Part $part\\n";
    }
    if ($leaving) { echo "Shutting down safely\\n"; exit(0); }
}
`;

describe.skipIf(!has('php'))(
  `a PHP worker's graceful loop${has('php') ? '' : ' (skipped: no php on PATH)'}`,
  () => {
    const stage = new Stage();
    let daemon: Daemon;
    let log: Follower;
    let name: string;
    beforeAll(async () => {
      daemon = await stage.start('--ephemeral');
      const environment = await stage.environment(daemon, 'php', 'L');
      name = environment.name;
      writeFileSync(join(environment.root, 'worker.php'), gracefulLoop);
      log = daemon.follow(name);
    });
    afterAll(async () => {
      await log?.close();
      await stage.dispose();
    });

    /** A worker that has begun its piece of work; the id of its run. */
    async function working(job: string, ...options: string[]): Promise<string> {
      await daemon.do('job', 'add', name, job, 'worker', '--command', 'worker.php', ...options);
      return (await log.line(job, 'Part 1')).run;
    }

    /** It ended by itself, after the whole piece of work, and said so. */
    async function expectFinished(job: string, run: string): Promise<void> {
      await log.line(job, 'Shutting down safely');
      const words = log.messages(run);
      expect(words.slice(-2)).toEqual(['Part 5', 'Shutting down safely']);
      expect(words).toContain('Asked to leave');
      const ended = (await daemon.runsOf(name, job)).find((each) => each.id === run);
      expect(ended).toMatchObject({ outcome: 'stopped', exitCode: 0, exitSignal: null });
    }

    test.concurrent('finishes its work when it is stopped', async () => {
      const run = await working('stopped', '--timeout', '20s');
      await daemon.do('job', 'stop', name, 'stopped');
      await expectFinished('stopped', run);
      expect(await daemon.json('job', 'show', name, 'stopped')).toMatchObject({
        state: 'disabled',
        running: false,
      });
    });

    test.concurrent('finishes its work when it is restarted, and its successor begins after it', async () => {
      const run = await working('restarted', '--timeout', '20s');
      await daemon.do('job', 'restart', name, 'restarted');
      await expectFinished('restarted', run);
      const [next, previous] = await daemon.runsOf(name, 'restarted');
      expect(previous?.id).toBe(run);
      expect(next).toMatchObject({ trigger: 'manual', endedAt: null });
      expect(Date.parse(next?.startedAt ?? '')).toBeGreaterThanOrEqual(Date.parse(previous?.endedAt ?? ''));
      await daemon.do('job', 'edit', name, 'restarted', '--timeout', '1s');
      await daemon.do('job', 'stop', name, 'restarted');
    });

    test.concurrent('is killed when its exit timeout has passed', async () => {
      const run = await working('slow', '--timeout', '1s');
      await daemon.do('job', 'stop', name, 'slow');
      const ended = (await daemon.runsOf(name, 'slow')).find((each) => each.id === run);
      expect(ended).toMatchObject({ outcome: 'stopped', exitSignal: 'KILL' });
      expect(ended?.reason).toContain('killed after its exit timeout');
      expect(log.messages(run)).not.toContain('Shutting down safely');
    });

    test('takes memory_limit from the plan, and may lift it', async () => {
      const limit = async (code: string): Promise<string> => daemon.do('exec', name, '--', 'php', '-r', code);
      expect(await limit('echo ini_parse_quantity(ini_get("memory_limit"));')).toBe(String(1024 ** 3));
      expect(
        await limit('ini_set("memory_limit", "2048M"); echo ini_parse_quantity(ini_get("memory_limit"));'),
      ).toBe(String(2 * 1024 ** 3));
    });
  },
);

describe.skipIf(!has('php'))(`a deployment${has('php') ? '' : ' (skipped: no php on PATH)'}`, () => {
  const stage = new Stage();
  const pushStage = new Stage();
  afterAll(() => stage.dispose());
  afterAll(() => pushStage.dispose());

  test('lets a PHP worker finish its work, and the next one runs the new code', async () => {
    const daemon = await stage.start('--ephemeral');
    const { name, root } = await stage.environment(daemon, 'php');
    const script = join(root, 'worker.php');
    writeFileSync(script, gracefulLoop);
    await daemon.do('job', 'add', name, 'loop', 'worker', '--command', 'worker.php', '--timeout', '20s');
    const log = daemon.follow(name);
    const { run } = await log.line('loop', 'Part 1');
    writeFileSync(script, '<?php echo "New code\n"; while (true) sleep(1);');
    await daemon.do('deploy', name);
    await log.line('loop', 'New code');
    expect(log.messages(run).slice(-2)).toEqual(['Part 5', 'Shutting down safely']);
    const [next, previous] = await daemon.runsOf(name, 'loop');
    expect(previous).toMatchObject({ id: run, outcome: 'stopped', exitCode: 0 });
    expect(next).toMatchObject({ trigger: 'deploy', endedAt: null });
    await log.close();
  });

  test.skipIf(!canPush)(
    `by git push lets it finish its work as well${canPush ? '' : ' (skipped: git or the OpenSSH client is not on PATH)'}`,
    async () => {
      const daemon = await pushStage.start('--ephemeral', '--ssh', '127.0.0.1:0');
      const { name } = await pushStage.environment(daemon, 'pushed');
      const client = await GitClient.make(pushStage.folder, 'pushed-client', daemon, name);
      const file = 'jobs:\n  loop: {command: worker.php, timeout: 20s}\n';
      await client.commit('One', { 'nightshift.yml': file, 'worker.php': gracefulLoop });
      expect(await client.push(name)).toMatchObject({ code: 0 });
      const log = daemon.follow(name);
      const { run } = await log.line('loop', 'Part 1');
      const commit = await client.commit('Two', {
        'worker.php': '<?php echo "New code\n"; while (true) sleep(1);',
      });
      const pushed = await client.push(name);
      expect(pushed.stderr).toMatch(/remote: loop: restarted in [0-9.]+s/);
      await log.line('loop', 'New code');
      expect(log.messages(run).slice(-2)).toEqual(['Part 5', 'Shutting down safely']);
      const [next, previous] = await daemon.runsOf(name, 'loop');
      expect(previous).toMatchObject({ id: run, outcome: 'stopped', exitCode: 0 });
      expect(next).toMatchObject({ trigger: 'deploy', endedAt: null, commit });
      await log.close();
    },
  );
});

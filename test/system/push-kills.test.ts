/**
 * `kill -9` of the daemon in the middle of a push, at every step of it: afterwards the root holds the old tree or the new
 * one, the branch and the record agree with it, and every worker runs just that.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type Daemon, Stage } from './daemon.ts';
import { canPush, GitClient, sshPortOf, whyNot } from './git-client.ts';

interface Facts {
  readonly state: string;
  readonly outcome: string | null;
  readonly commit: string | null;
}

/** The N-th time that each is passed, and what becomes of the push then. */
const kills: readonly (readonly [kill: string, fate: 'old' | 'new'])[] = [
  ['deployment-saved:2', 'old'], // received
  ['code-staged:1', 'old'],
  ['deployment-saved:4', 'old'], // laying
  ['code-laid:1', 'old'],
  ['deployment-saved:5', 'old'], // commands
  ['deployment-saved:6', 'new'], // restarting: the code stays
  ['code-kept:1', 'new'],
  ['deployment-saved:7', 'new'], // done
];

const work = '#!/bin/sh\necho "version $(cat version.txt)"\nexec sleep 1000\n';
const listening = ['--ssh', '127.0.0.1:0'];

describe.skipIf(!canPush)(`a daemon that is killed in the middle of a push${whyNot}`, () => {
  const stage = new Stage();
  afterAll(() => stage.dispose());

  test('leaves one whole tree, and workers that run it', { timeout: 240_000 }, async () => {
    let daemon = await stage.start(...listening);
    const { name, root } = await stage.environment(daemon, 'kill');
    const client = await GitClient.make(stage.folder, 'pusher', daemon, name);
    const file = 'deploy: {commands: ["cat version.txt > built"]}\njobs:\n  talk: {command: ./work.sh}\n';
    let old = await client.commit('0', {
      'nightshift.yml': file,
      'work.sh': { run: work },
      'version.txt': '0',
      'only-0/x': '',
    });
    expect((await client.push(name)).code).toBe(0);
    let now = 0;
    for (const [kill, fate] of kills) {
      await daemon.kill();
      daemon = await stage.startWithFaults(`kill=${kill}`, ...listening);
      client.reach(await sshPortOf(daemon));
      const next = now + 1;
      const fresh = await client.commit(String(next), {
        'version.txt': String(next),
        [`only-${now}`]: null,
        [`only-${next}/x`]: '',
      });
      const push = client.pushing(name);
      await daemon.ended();
      const code = await push.ended;
      // The last kill comes after all is done: git may have moved the branch already.
      if (kill !== 'deployment-saved:7') expect(code, kill).not.toBe(0);
      daemon = await stage.start(...listening);
      client.reach(await sshPortOf(daemon));
      await consistent(daemon, client, kill, fate === 'new' ? fresh : old, fate === 'new' ? next : now);
      if (fate === 'new') {
        now = next;
        old = fresh;
      } else await client.do('reset', '-q', '--hard', old);
    }
    expect((await client.push(name)).code).toBe(0);

    async function consistent(
      daemon: Daemon,
      client: GitClient,
      kill: string,
      commit: string,
      version: number,
    ): Promise<void> {
      expect(readFileSync(join(root, 'version.txt'), 'utf8'), kill).toBe(String(version));
      expect(readdirSync(root).sort(), kill).toEqual(
        ['built', 'nightshift.yml', `only-${version}`, 'version.txt', 'work.sh'].sort(),
      );
      const path = `/environments/${name}/deployments?limit=1`;
      const newest = async () => (await daemon.get<{ items: Facts[] }>(path)).items[0];
      await expect.poll(async () => (await newest())?.outcome, { timeout: 20_000 }).not.toBeNull();
      const states = { old: ['failed', 'undone'], new: ['done'] };
      expect(states[(await newest())?.commit === commit ? 'new' : 'old'], kill).toContain(
        (await newest())?.state,
      );
      const branch = await client.do('ls-remote', client.url(name), 'refs/heads/main');
      expect(branch.split('\t')[0], kill).toBe(commit);
      const runs = async () =>
        (
          await daemon.get<{ items: { commit: string; endedAt: string | null }[] }>(
            `/environments/${name}/runs?job=talk&limit=20`,
          )
        ).items;
      const open = async () =>
        (await runs()).filter((each) => each.endedAt === null).map((each) => each.commit);
      await expect.poll(open, { timeout: 20_000 }).toEqual([commit]);
    }
  });
});

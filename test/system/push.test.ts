/** git push, with Debian's git and OpenSSH: what is laid into the root, what pushers see, and what strangers try. */
import { randomBytes } from 'node:crypto';
import {
  chownSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkout, type Daemon, Stage } from './daemon.ts';
import { canPush, GitClient, whyNot } from './git-client.ts';
import { isRoot } from './machine.ts';

interface DeploymentRow {
  readonly id: string;
  readonly state: string;
  readonly commit: string | null;
  readonly outcome: string | null;
  readonly reason: string | null;
}

const work = '#!/bin/sh\necho "version $(cat version.txt)"\nexec sleep 1000\n';

describe.skipIf(!canPush)(`git push${whyNot}`, () => {
  const stage = new Stage();
  let daemon: Daemon;
  beforeAll(async () => {
    const limits = ['--push-limit', '2MB', '--push-file-limit', '1MB'];
    daemon = await stage.start('--ephemeral', '--ssh', '127.0.0.1:0', ...limits);
  });
  afterAll(() => stage.dispose());

  /** An environment, and somebody who may push to it. */
  async function set(word: string): Promise<{ name: string; root: string; client: GitClient }> {
    const { name, root } = await stage.environment(daemon, word);
    const client = await GitClient.make(stage.folder, word, daemon, name);
    return { name, root, client };
  }
  const objectsFolder = (name: string): string => join(stage.data, 'git', name, 'repository.git', 'objects');
  /** Files and folders below the objects of its repository, but those that every one has. */
  const objectsOf = (name: string): string[] =>
    readdirSync(objectsFolder(name), { recursive: true, encoding: 'utf8' })
      .filter((each) => each !== 'info' && each !== 'pack')
      .sort();
  const deployments = async (name: string): Promise<readonly DeploymentRow[]> => {
    const { items } = await daemon.get<{ items: DeploymentRow[] }>(`/environments/${name}/deployments`);
    return items;
  };

  test('lays the tree, runs the commands, restarts the workers and tells all of it', async () => {
    const { name, root, client } = await set('push');
    await daemon.do('job', 'add', name, 'mine', 'worker', '--command', 'sleep 1000');
    writeFileSync(join(root, 'untracked'), 'stays');
    const file =
      'deploy:\n  commands: ["echo built by $(id -un) > built; echo from the build"]\njobs:\n  talk: {command: ./work.sh}\n';
    const first = await client.commit('One', {
      'nightshift.yml': file,
      'work.sh': { run: work },
      'version.txt': '1',
      'a/b/c.txt': 'deep',
      link: { link: 'a/b' },
    });
    const pushed = await client.push(name);
    expect(pushed.stderr).toMatch(/remote: deploys [0-9a-f]{10} \(One\)/);
    expect(pushed.stderr).toContain('remote: job added: talk (worker: ./work.sh)');
    expect(pushed.stderr).toContain('remote: from the build');
    expect(pushed.stderr).toMatch(/remote: mine: restarted in [0-9.]+s/);
    expect(pushed).toMatchObject({ code: 0 });
    expect(readFileSync(join(root, 'a/b/c.txt'), 'utf8')).toBe('deep');
    expect(readlinkSync(join(root, 'link'))).toBe('a/b');
    expect(statSync(join(root, 'work.sh')).mode & 0o777).toBe(0o755);
    expect(statSync(join(root, 'version.txt')).mode & 0o777).toBe(0o644);
    if (isRoot) expect(statSync(join(root, 'a')).uid).toBe(statSync(root).uid);
    expect(readFileSync(join(root, 'built'), 'utf8')).toContain('built by');
    expect(readdirSync(root)).not.toContain('.git');

    const second = await client.commit('Two', { 'version.txt': '2', a: null, new: 'n', link: null });
    expect((await client.push(name)).stderr).toContain('files: 1 added, 1 replaced, 2 removed');
    expect(readdirSync(root).sort()).toEqual(
      ['built', 'new', 'nightshift.yml', 'untracked', 'version.txt', 'work.sh'].sort(),
    );
    const log = daemon.follow(name);
    const { run: id } = await log.line('talk', 'version 2');
    await log.close();
    const runs = await daemon.json<{ id: string; commit: string | null; trigger: string }[]>('runs', name);
    expect(runs.find((each) => each.id === id)).toMatchObject({ commit: second, trigger: 'deploy' });
    expect((await deployments(name)).map((each) => each.commit)).toEqual([second, first]);
    const copy = join(stage.folder, 'copy');
    await client.do('clone', '-q', client.url(name, '/anything/at-all.git'), copy);
    expect(readFileSync(join(copy, 'version.txt'), 'utf8')).toBe('2');
    expect(daemon.stderr).not.toContain('could not be tidied');
  });

  test('of the demo has its jobs at work', async () => {
    const { name, root, client } = await set('demo');
    cpSync(join(checkout, 'examples', 'demo'), client.folder, { recursive: true });
    await client.commit('The night shop', {});
    const pushed = await client.push(name);
    expect(pushed).toMatchObject({ code: 0 });
    for (const job of ['shop', 'mailer', 'queue-report', 'clean-up'])
      expect(pushed.stderr).toContain(`remote: job added: ${job} (`);
    const log = daemon.follow(name);
    await log.line('mailer', 'the mailer is ready');
    await log.close();
    // What script/demo adds by hand is what the file says.
    const script = readFileSync(join(checkout, 'script', 'demo'), 'utf8');
    for (const [line, job] of script.matchAll(/^job (\S+) .*$/gm)) {
      const { command, type, exitTimeoutSeconds, interval } = await daemon.get<Record<string, unknown>>(
        `/environments/${name}/jobs/${job}`,
      );
      const every = interval === null ? '' : ` --every ${interval}`;
      const timeout = exitTimeoutSeconds === 10 ? '' : ` --timeout ${exitTimeoutSeconds}s`;
      expect(line).toBe(`job ${job} ${type} --command ${command}${every}${timeout}`);
    }
    await client.commit('A mistake', { 'bin/shop': { run: '#!/bin/sh\nif then\n' } });
    expect((await client.push(name)).stderr).toContain('Syntax error');
    expect(readFileSync(join(root, 'bin', 'shop'), 'utf8')).toContain('the shop is open');
  });

  test('whose command fails is refused, and everything is as it was', async () => {
    const { name, root, client } = await set('fail');
    await client.commit('One', { 'work.sh': { run: work }, 'version.txt': '1', old: 'o' });
    await client.push(name);
    await daemon.do('job', 'add', name, 'talk', 'worker', '--command', './work.sh');
    const [before] = await daemon.runsOf(name, 'talk');
    await client.commit('Two', {
      'nightshift.yml': 'deploy: {commands: [cat version.txt, exit 3]}',
      'version.txt': '2',
      old: null,
      'new/file': 'n',
    });
    const pushed = await client.push(name);
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toContain('remote: 2');
    expect(pushed.stderr).toContain('"exit 3" failed: exit code 3');
    expect(pushed.stderr).toContain('[remote rejected]');
    expect(readdirSync(root).sort()).toEqual(['old', 'version.txt', 'work.sh']);
    expect(readFileSync(join(root, 'version.txt'), 'utf8')).toBe('1');
    expect((await daemon.runsOf(name, 'talk'))[0]?.id).toBe(before?.id);
    expect((await deployments(name))[0]).toMatchObject({ state: 'undone', outcome: 'failed' });
    expect(await client.do('ls-remote', client.url(name), 'main')).not.toContain(
      await client.do('rev-parse', 'HEAD'),
    );
  });

  test('waits for another one, sees that it does, and comes after it', async () => {
    const { name, root, client } = await set('line');
    await client.commit('One', {
      'nightshift.yml': 'deploy: {commands: ["while [ ! -e go ]; do sleep 0.05; done"]}',
    });
    const first = client.pushing(name);
    await first.shows('$ while');
    await client.commit('Two', { 'nightshift.yml': null, two: '2' });
    const second = client.pushing(name);
    await second.shows(`another push to "${name}" is under way`);
    writeFileSync(join(root, 'go'), '');
    expect(await first.ended).toBe(0);
    expect(await second.ended).toBe(0);
    expect(readFileSync(join(root, 'two'), 'utf8')).toBe('2');
  });

  test('that is interrupted is undone', async () => {
    const { name, root, client } = await set('stop');
    await client.commit('One', { 'nightshift.yml': 'deploy: {commands: [sleep 1000]}', one: '1' });
    const push = client.pushing(name);
    await push.shows('$ sleep');
    expect(existsSync(join(root, 'one'))).toBe(true);
    push.interrupt();
    await push.ended;
    await expect.poll(async () => (await deployments(name))[0]?.state, { timeout: 20_000 }).toBe('undone');
    expect(readdirSync(root)).toEqual([]);
  });

  test('of another branch is stored, and says that nothing is deployed', async () => {
    const { name, root, client } = await set('branch');
    await client.commit('One', { one: '1' });
    const pushed = await client.push(name, 'main:feature');
    expect(pushed).toMatchObject({ code: 0 });
    expect(pushed.stderr).toContain('feature is stored, and nothing is deployed');
    expect(readdirSync(root)).toEqual([]);
    expect((await client.push(name, ':feature')).code).toBe(0);
    await client.push(name);
    const removed = await client.push(name, ':main');
    expect(removed.code).toBe(1);
    expect(removed.stderr).toContain("can't be removed");
    const forced = await client.commit('Amended', { one: '1b' });
    await client.do('reset', '-q', '--hard', forced);
    expect((await client.push(name, 'main', '--force')).code).toBe(0);
  });

  test('with a mistake in nightshift.yml is refused with its place', async () => {
    const { name, root, client } = await set('mistake');
    await client.commit('One', { 'nightshift.yml': 'jobs:\n  a: {comand: x}\n' });
    const pushed = await client.push(name);
    expect(pushed.code).toBe(1);
    expect(pushed.stderr).toContain('line 2, column 7: "comand" is not known in job "a"');
    expect(readdirSync(root)).toEqual([]);
  });

  test('replaces what was changed by hand, and says so', async () => {
    const { name, root, client } = await set('hand');
    await client.commit('One', { one: '1', two: '2' });
    await client.push(name);
    writeFileSync(join(root, 'one'), 'by hand');
    await client.commit('Two', { two: '2b' });
    const pushed = await client.push(name);
    expect(pushed.stderr).toContain('changed in the root since the last deployment, and replaced: one');
    expect(readFileSync(join(root, 'one'), 'utf8')).toBe('1');
  });

  describe('by somebody who means harm', () => {
    test('does not reach another environment, whatever path it names', async () => {
      const { name, client } = await set('own');
      const other = await stage.environment(daemon, 'other');
      await client.commit('One', { one: '1' });
      const strange = await client.push(other.name);
      expect(strange.code).not.toBe(0);
      const pushed = await client.git('push', client.url(name, `/../${other.name}/repository.git`), 'main');
      expect(pushed.code).toBe(0);
      expect(readdirSync(other.root)).toEqual([]);
      expect(await deployments(other.name)).toEqual([]);
    });

    test('does not follow a link out of the root', async () => {
      const { name, root, client } = await set('follow');
      const outside = join(stage.folder, 'outside');
      mkdirSync(outside, { mode: 0o777 });
      symlinkSync(outside, join(root, 'uploads'));
      await client.commit('One', { 'uploads/evil': 'x' });
      const pushed = await client.push(name);
      expect(pushed.code).toBe(1);
      expect(pushed.stderr).toContain('uploads is a symbolic link where the tree has a folder');
      expect(readdirSync(outside)).toEqual([]);
      expect(lstatSync(join(root, 'uploads')).isSymbolicLink()).toBe(true);
    });

    test('lays no link that leaves the root, and no tree with paths that git itself would not write', async () => {
      const { name, root, client } = await set('leave');
      for (const target of ['/etc/passwd', '../outside', 'a/../../..']) {
        await client.commit(target, { link: { link: target } });
        const pushed = await client.push(name);
        expect(pushed.code, target).toBe(1);
        expect(pushed.stderr).toContain('outside the root');
      }
      await client.commit('Zero', { link: null, zero: '0' });
      const blob = await client.do('rev-parse', 'HEAD:zero');
      for (const path of ['../../evil', '/evil', '.git/hooks/post-checkout', '.GIT', '..']) {
        const head = await rawCommit(client, blob, path);
        const pushed = await client.push(name, `${head}:refs/heads/main`);
        expect(pushed.code, path).toBe(1);
        expect(pushed.stderr).toMatch(/rejected/);
      }
      expect(readdirSync(root)).toEqual([]);
      expect(readdirSync(stage.folder)).not.toContain('evil');
    });

    test.each(['main', 'main:feature'])(
      'that holds a file larger than it may be leaves nothing behind, however small it is packed: %s',
      async (ref) => {
        const { name, root, client } = await set(ref === 'main' ? 'bomb' : 'store');
        await client.commit('One', { 'deep/big one': Buffer.alloc(1024 * 1024 + 1) });
        await client.commit('Two', { 'deep/big one': null });
        const pushed = await client.push(name, ref);
        expect(pushed.code).toBe(1);
        expect(pushed.stderr).toContain(
          'remote: "deep/big one" has 1.0 MB, and 1.0 MB is the limit: take it',
        );
        expect(readdirSync(root)).toEqual([]);
        expect(objectsOf(name)).toEqual([]);
        await client.do('checkout', '-q', '--orphan', 'less');
        await client.commit('Three', { small: Buffer.alloc(1024 * 1024) });
        expect((await client.push(name, 'HEAD:main')).code).toBe(0);
      },
    );

    test('of more than one may be is cut off, and nothing of it stays', async () => {
      const { name, root, client } = await set('heavy');
      for (const file of ['one', 'two', 'three', 'four'])
        await client.commit(file, { [file]: randomBytes(1000 * 1024) });
      const pushed = await client.push(name);
      expect(pushed.code).toBe(1);
      expect(pushed.stderr.match(/^nightshift: .*$/gm)).toEqual([
        'nightshift: the push is larger than 2.0 MB: keep large files out of the repository',
      ]);
      expect(readdirSync(root)).toEqual([]);
      expect(objectsOf(name)).toEqual([]);
    });

    test('and was killed halfway leaves nothing that the next push does not take away', async () => {
      const { name, client } = await set('half');
      await client.commit('One', { one: '1' });
      await client.push(name, 'main:feature');
      const before = objectsOf(name);
      const remains = join(objectsFolder(name), 'tmp_objdir-incoming-x');
      mkdirSync(remains);
      writeFileSync(join(remains, 'tmp_pack_x'), 'x');
      for (const each of [remains, join(remains, 'tmp_pack_x')]) own(each, objectsFolder(name));
      await client.push(name, 'main:feature');
      expect(objectsOf(name)).toEqual(before);
    });

    test('gets no other program and no other ref', async () => {
      const { name, client } = await set('refs');
      await client.commit('One', { one: '1' });
      const hidden = await client.push(name, 'main:refs/nightshift/deployed');
      expect(hidden.code).toBe(1);
      const note = await client.push(name, 'main:refs/notes/x');
      expect(note.code).toBe(1);
      expect(note.stderr).toContain('neither a branch nor a tag');
    });
  });
});

/** Gives a file to whoever owns the other one. */
function own(path: string, like: string): void {
  const { uid, gid } = statSync(like);
  chownSync(path, uid, gid);
}

/** A commit whose one file has a path that git itself would not write. */
async function rawCommit(client: GitClient, blob: string, path: string): Promise<string> {
  const bytes = Buffer.concat([Buffer.from(`100644 ${path}\0`), Buffer.from(blob, 'hex')]);
  const raw = join(client.folder, '..', `raw-${blob.slice(0, 8)}-${Buffer.from(path).toString('hex')}`);
  writeFileSync(raw, bytes);
  const tree = await client.do('hash-object', '-t', 'tree', '-w', '--literally', raw);
  return await client.do('commit-tree', '-m', 'Evil', tree);
}

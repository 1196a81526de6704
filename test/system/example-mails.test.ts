/** examples/mails: who signs up never waits for the mail server, and every mail arrives once, whatever the server does meanwhile. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Beside, layOut } from '../examples/example.ts';
import { MailServer } from '../examples/mail-server.ts';
import { type Daemon, type Follower, Stage } from './daemon.ts';
import { isRoot, nobody } from './machine.ts';

const python = '/usr/bin/python3';
const isThere = spawnSync(python, ['-c', 'import sqlite3']).status === 0;
/** Beside other tests on a busy machine, and with pauses that double. */
const patienceMs = 90_000;

describe.skipIf(!isThere)(
  `the mails of examples/mails${isThere ? '' : ` (skipped: no ${python} here)`}`,
  { timeout: 2 * patienceMs },
  () => {
    const stage = new Stage();
    let daemon: Daemon;
    let log: Follower;
    let web: Beside;
    let server: MailServer;
    let name: string;

    beforeAll(async () => {
      server = await MailServer.make();
      daemon = await stage.start('--ephemeral');
      const environment = await stage.environment(daemon, 'mails', 'S');
      name = environment.name;
      const { root } = environment;
      layOut('mails', root);
      await daemon.do('env', 'set', name, 'SMTP_HOST=127.0.0.1', `SMTP_PORT=${server.port}`);
      await daemon.do('apply', join(root, 'nightshift.yml'), '--env', name, '--yes');
      log = daemon.follow(name);
      await log.lines.first('the worker', ({ message }) => message === 'ready', patienceMs);
      const { uid, gid } = nobody();
      web = await Beside.start((port) => [python, 'web.py', String(port)], {
        cwd: root,
        env: { PYTHONDONTWRITEBYTECODE: '1' },
        ...(isRoot ? { uid, gid } : {}),
      });
    }, 2 * patienceMs);
    afterAll(async () => {
      await log?.close();
      await web?.end();
      await server?.down();
      await stage.dispose();
    }, 2 * patienceMs);

    const signUp = async (email: string): Promise<number> => {
      const body = new URLSearchParams({ email });
      return (await fetch(`http://127.0.0.1:${web.port}/`, { method: 'POST', body })).status;
    };
    const arrives = (to: string) =>
      server.letters.first(`a mail to ${to}`, (letter) => letter.to === to, patienceMs);

    const says = (words: string) =>
      log.lines.first(`the worker to say "${words}"`, (line) => line.message.includes(words), patienceMs);

    test('N sign-ups, a server that is down, busy and up, a deployment: N mails, none twice', async () => {
      const people = Array.from({ length: 12 }, (_, number) => `person-${number}@example.org`);
      const [early, late] = [people.slice(0, 6), people.slice(6)];
      for (const each of early) expect(await signUp(each)).toBe(201);
      await says('Connection refused');
      server.busyFor = 4;
      await server.up();
      await arrives(early[0] ?? '');
      await server.down();
      for (const each of late) expect(await signUp(each)).toBe(201);
      await daemon.do('deploy', name);
      await server.up();
      for (const each of people) await arrives(each);
      for (const each of people) await says(`to ${each} is sent`);
      const letters = server.letters.all.filter(({ to }) => people.includes(to));
      expect(letters.map(({ to }) => to).toSorted()).toEqual(people.toSorted());
      expect(new Set(letters.map(({ messageId }) => messageId)).size).toBe(people.length);
      const [stopped] = (await daemon.runsOf(name, 'mails')).filter(({ endedAt }) => endedAt !== null);
      expect(stopped).toMatchObject({ outcome: 'stopped', exitCode: 0 });
      await server.down();
    });

    test('an address is taken once, and what is no address is refused', async () => {
      expect(await signUp('ada@example.org')).toBe(201);
      expect(await signUp('ada@example.org')).toBe(409);
      expect(await signUp('ada')).toBe(422);
      await server.up();
      await arrives('ada@example.org');
      await server.down();
    });

    test('what a server refuses for good is told, and not tried again', async () => {
      await server.up();
      expect(await signUp('nobody@example.org')).toBe(201);
      const { message } = await says('nobody@example.org is refused for good');
      expect(message).toContain('no such user here');
      expect(log.lines.all.filter((line) => line.message.includes('nobody@example.org'))).toHaveLength(1);
      await server.down();
    });
  },
);

/** examples/images: the form answers at once, and every picture gets its thumbnails, whatever becomes of the worker. */
import { statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { layOut } from '../examples/example.ts';
import { Form, imagesLack, paint, thumbnails } from '../examples/pictures.ts';
import { type Daemon, type Follower, Stage } from './daemon.ts';
import { pidsOf } from './machine.ts';

const lack = imagesLack();
/** Beside other tests on a busy machine. */
const patienceMs = 60_000;

describe.skipIf(lack !== '')(
  `the images of examples/images${lack === '' ? '' : ` (skipped: no ${lack} here)`}`,
  { timeout: 2 * patienceMs },
  () => {
    const stage = new Stage();
    let daemon: Daemon;
    let log: Follower;
    let form: Form;
    let environment: { readonly name: string; readonly root: string };
    const [photo, drawing] = [join(stage.folder, 'photo.jpg'), join(stage.folder, 'drawing.png')];

    beforeAll(async () => {
      daemon = await stage.start('--ephemeral');
      environment = await stage.environment(daemon, 'images');
      const { name, root } = environment;
      layOut('images', root);
      form = await Form.open(root);
      paint(photo, 1800, 1200);
      paint(drawing, 300, 200);
      await daemon.do('apply', join(root, 'nightshift.yml'), '--env', name, '--yes');
      log = daemon.follow(name);
      await log.lines.first('the worker', ({ message }) => message === 'ready', patienceMs);
    }, 2 * patienceMs);
    afterAll(async () => {
      await log?.close();
      await form?.close();
      await stage.dispose();
    }, 2 * patienceMs);

    const isMade = async (id: string, kind: string): Promise<void> => {
      await log.lines.first(
        `${id} to be made`,
        (line) => line.message.startsWith(`${id}: 3 sizes`),
        patienceMs,
      );
      const sizes = thumbnails(environment.root, id, kind).map((path) => statSync(path).size);
      // Each is a whole picture; a drawing may well grow when it is scaled.
      expect(Math.min(...sizes)).toBeGreaterThan(100);
      if (kind === 'jpg') expect(sizes).toEqual(sizes.toSorted((a, b) => b - a));
    };

    test('a JPEG and a PNG get their sizes, and the page shows them', async () => {
      for (const [path, kind] of [
        [photo, 'jpg'],
        [drawing, 'png'],
      ] as const) {
        const { status, id } = await form.send(path);
        expect(status).toBe(303);
        await isMade(id, kind);
        expect(await (await form.page('/')).text()).toContain(`/thumbnails/${id}-medium.${kind}`);
        expect((await form.page(`/thumbnails/${id}-small.${kind}`)).status).toBe(200);
      }
    });

    test('what is no picture is refused by the form; what only looks like one is told, and the next is made', async () => {
      const [text, torn] = [join(stage.folder, 'text.jpg'), join(stage.folder, 'torn.png')];
      writeFileSync(text, 'hello');
      expect((await form.send(text)).status).toBe(422);
      // A PNG's head with a size, and nothing behind it.
      const head = '89504e470d0a1a0a0000000d49484452000000100000001008060000001ff3ff61';
      writeFileSync(torn, Buffer.from(head, 'hex'));
      const { id } = await form.send(torn);
      expect(await log.line('thumbnails', `${id}: can not be read`)).toMatchObject({ level: 'ERR' });
      await isMade((await form.send(drawing)).id, 'png');
    });

    test('none is lost when the worker is killed, none is made twice when it is restarted', async () => {
      const sent: string[] = [];
      for (let count = 0; count < 4; count++) sent.push((await form.send(photo)).id);
      const [pid = 0] = pidsOf(`NIGHTSHIFT_ENVIRONMENT=${environment.name}`, 'php');
      process.kill(pid, 'SIGKILL');
      await isMade(sent[0] ?? '', 'jpg');
      await daemon.do('job', 'restart', environment.name, 'thumbnails');
      for (const id of sent) await isMade(id, 'jpg');
      const told = log.lines.all.filter((line) => sent.some((id) => line.message.startsWith(`${id}:`)));
      expect(told).toHaveLength(sent.length);
    });
  },
);

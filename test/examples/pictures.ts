/** What a browser does with the form of examples/images, and pictures for it. */
import { execFileSync, spawnSync } from 'node:child_process';
import { lstatSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { Beside } from './example.ts';

/** What the example needs and this machine lacks, in a sentence; empty when nothing. */
export function imagesLack(): string {
  const lacks = ['php', 'jpegoptim', 'optipng'].filter(
    (each) => spawnSync(each, ['--version']).error !== undefined,
  );
  const modules = lacks.includes('php') ? '' : execFileSync('php', ['-m'], { encoding: 'utf8' });
  return [...lacks, ...(/^gd$/m.test(modules) ? [] : ['php-gd'])].join(', ');
}

/** A picture with much in it, as photographs have: written to `path` as JPEG or PNG, by its ending. */
export function paint(path: string, width: number, height: number): void {
  const code = `
    $image = imagecreatetruecolor(${width}, ${height});
    mt_srand(7);
    for ($i = 0; $i < 4000; $i++)
      imagefilledellipse($image, mt_rand(0, ${width}), mt_rand(0, ${height}), mt_rand(5, 90), mt_rand(5, 90), mt_rand(0, 0xffffff));
    ${path.endsWith('.png') ? 'imagepng' : 'imagejpeg'}($image, ${JSON.stringify(path)});`;
  execFileSync('php', ['-r', code]);
}

export class Form {
  readonly #server: Beside;

  private constructor(server: Beside) {
    this.#server = server;
  }

  /** PHP's own server in front of a root folder, as its owner. */
  static async open(root: string, env: NodeJS.ProcessEnv = {}): Promise<Form> {
    const { uid, gid } = lstatSync(root);
    const server = await Beside.start(
      (port) => ['php', '-S', `127.0.0.1:${port}`, '-t', 'public', 'public/index.php'],
      { cwd: root, env, ...(process.getuid?.() === 0 ? { uid, gid } : {}) },
    );
    return new Form(server);
  }

  page(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.#server.port}${path}`);
  }

  /** Sends a file as the form does. */
  async send(path: string): Promise<{ readonly status: number; readonly id: string; readonly ms: number }> {
    const body = new FormData();
    body.append('picture', new Blob([await readFile(path)]), basename(path));
    const began = performance.now();
    const answer = await fetch(`http://127.0.0.1:${this.#server.port}/`, {
      ...{ method: 'POST', body, redirect: 'manual' },
    });
    await answer.arrayBuffer();
    const id = /picture=(.*)/.exec(answer.headers.get('location') ?? '')?.[1] ?? '';
    return { status: answer.status, id, ms: performance.now() - began };
  }

  close(): Promise<void> {
    return this.#server.end();
  }
}

export const thumbnails = (root: string, id: string, kind: string): string[] =>
  ['large', 'medium', 'small'].map((size) => join(root, 'public/thumbnails', `${id}-${size}.${kind}`));

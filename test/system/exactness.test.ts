/**
 * What a job prints comes out byte for byte, through a daemon that is killed with SIGKILL again and again while it follows,
 * rotates and packs. The job goes on meanwhile: its container does not depend on the daemon.
 */
import { once } from 'node:events';
import { readdirSync, writeFileSync } from 'node:fs';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import type { LogEntry } from '../../src/contract/log.ts';
import { type NastyOutput, nastyOutput, randomFrom } from '../../src/logs/nasty-output.testkit.ts';
import { type Daemon, Stage } from './daemon.ts';

const seed = Number(process.env.EXACTNESS_SEED ?? 4711);
const bytes = 16_000_000;
/** The output comes in so many parts; the daemon is killed in each of them. */
const parts = 6;
const faults = 'segment=400000 pack=1';
const patience = { timeout: 120_000, interval: 100 };

let stage: Stage | undefined;
afterEach(async () => {
  await stage?.dispose();
  stage = undefined;
});

/** Writes pieces of a file to both streams as a list says, each part when it is let go. */
const writer = `
use strict; use warnings;
open(my $plan, '<', 'plan') or die; open(my $output, '<:raw', 'output') or die;
while (<$plan>) {
  my ($fd, $length, $part) = split;
  select(undef, undef, undef, 0.02) until -e "go-$part";
  read($output, my $text, $length) == $length or die;
  select(undef, undef, undef, 0.003);
  for (my $at = 0; $at < $length;) {
    my $written = $fd == 1 ? syswrite(STDOUT, $text, $length - $at, $at) : syswrite(STDERR, $text, $length - $at, $at);
    defined $written or die; $at += $written;
  }
}
`;

function layOut(root: string, { writes }: NastyOutput): void {
  const plan = writes.map(
    ({ stream, bytes }, index) =>
      `${stream === 'stdout' ? 1 : 2} ${bytes.length} ${Math.floor((index * parts) / writes.length)}\n`,
  );
  writeFileSync(join(root, 'plan'), plan.join(''), { mode: 0o644 });
  writeFileSync(join(root, 'output'), Buffer.concat(writes.map((each) => each.bytes)), { mode: 0o644 });
  writeFileSync(join(root, 'writer.pl'), writer, { mode: 0o644 });
}

/** Reads the log of the environment over the API, each time after the cursor of the last line that it has. */
class ApiReader {
  readonly #lines = { stdout: [] as Buffer[], stderr: [] as Buffer[] };
  readonly #environment: string;
  #after: string | undefined;

  constructor(environment: string) {
    this.#environment = environment;
  }

  get count(): number {
    return this.#lines.stdout.length + this.#lines.stderr.length;
  }

  /** Goes on until the log ends, `most` lines more were read, or the daemon is gone. */
  async readOn({ data }: Daemon, query: Readonly<Record<string, string>>, most: number): Promise<void> {
    const all = { ...query, ...(this.#after === undefined ? {} : { after: this.#after }) };
    const path = `/api/v1/environments/${this.#environment}/logs?${new URLSearchParams(all)}`;
    const request = get({ socketPath: join(data, 'nightshift.sock'), path });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    // Who leaves early does not wait to hear of it.
    request.on('error', () => undefined);
    expect(response.statusCode).toBe(200);
    let left = most;
    let parts: string[] = [];
    for await (const chunk of response.setEncoding('utf8')) {
      const [head = '', ...rest] = (chunk as string).split('\n');
      parts.push(head);
      const rows = rest.length === 0 ? [] : [parts.join(''), ...rest.slice(0, -1)];
      if (rest.length > 0) parts = [rest.at(-1) ?? ''];
      for (const row of rows.slice(0, left)) this.#take(JSON.parse(row) as LogEntry);
      left -= rows.length;
      if (left <= 0) break;
    }
    request.destroy();
  }

  #take({ stream, message, messageBase64, cursor }: LogEntry): void {
    const line = messageBase64 === undefined ? Buffer.from(message) : Buffer.from(messageBase64, 'base64');
    this.#lines[stream].push(line);
    this.#after = cursor;
  }

  mustBe({ lines }: NastyOutput): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      const [told, meant] = [this.#lines[stream], lines[stream]];
      const wrong = meant.findIndex((line, index) => told[index]?.equals(line) !== true);
      expect(wrong, `the first line of ${stream} that is not as it was written (seed ${seed})`).toBe(-1);
      expect(told.length, `lines of ${stream} (seed ${seed})`).toBe(meant.length);
    }
  }
}

test('output of any kind comes out byte for byte, however often the daemon is killed while it is written', async (context) => {
  stage = new Stage();
  let daemon = await stage.startWithFaults(`${faults} kill=log-renamed:3`);
  if (!daemon.lines.all.includes('runtime: container')) context.skip('only containers outlive the daemon');
  const { name, root } = await stage.environment(daemon, 'exact');
  const output = nastyOutput(seed, bytes);
  layOut(root, output);
  await daemon.do('job', 'add', name, 'writer', 'cron', '--every', '1mo', '--command', 'perl writer.pl');
  await daemon.do('job', 'run', name, 'writer', '--no-wait');

  const random = randomFrom(seed);
  const reader = new ApiReader(name);
  const total = output.lines.stdout.length + output.lines.stderr.length;
  const kills: string[] = [];
  const names = new Set<string>();
  for (let part = 0; part < parts; part++) {
    writeFileSync(join(root, `go-${part}`), '');
    // Somewhere in the middle of what this part writes; the first daemon may kill itself before.
    const goal = Math.floor((total * (part + random() * 0.8)) / parts);
    await reader.readOn(daemon, { follow: 'true' }, Math.max(1, goal - reader.count)).catch(gone);
    await daemon.kill();
    kills.push(daemon.child.signalCode ?? 'none');
    for (const file of readdirSync(join(stage.data, 'logs', name, 'writer'))) names.add(file);
    daemon = await stage.startWithFaults(faults);
  }
  expect(kills).toEqual(kills.map(() => 'SIGKILL'));

  await vi.waitFor(async () => {
    expect(await daemon.runsOf(name, 'writer')).toMatchObject([{ exitCode: 0, outcome: 'ok' }]);
  }, patience);
  await reader.readOn(daemon, {}, Number.POSITIVE_INFINITY);
  reader.mustBe(output);

  // And once more when all of it lies in packs: in one go, in a thread, and as a search that finds everything.
  const folder = join(stage.data, 'logs', name, 'writer');
  await vi.waitFor(() => {
    const files = readdirSync(folder);
    expect(files.filter((file) => !file.endsWith('.pack.zst'))).toEqual([]);
    expect(files.length).toBeGreaterThan(0);
  }, patience);
  const packed = new ApiReader(name);
  await packed.readOn(daemon, {}, Number.POSITIVE_INFINITY);
  packed.mustBe(output);
  const found = new ApiReader(name);
  await found.readOn(daemon, { contains: '' }, Number.POSITIVE_INFINITY);
  found.mustBe(output);

  // Names are never used twice: the highest number says how often a file was rotated away.
  const rotated = Math.max(0, ...[...names].map((file) => Number(/\.log\.(\d+)$/.exec(file)?.[1] ?? 0)));
  expect(rotated).toBeGreaterThan(1);
  expect([...names].some((file) => file.endsWith('.zst'))).toBe(true);
  const written = output.writes.reduce((sum, each) => sum + each.bytes.length, 0);
  console.log(
    `${total} lines, ${written} bytes, ${kills.length} kills, ${rotated} rotations and more: byte for byte (seed ${seed})`,
  );
}, 600_000);

/** The daemon was killed in the middle of an answer. */
function gone(error: NodeJS.ErrnoException): void {
  if (!['ECONNRESET', 'ECONNREFUSED', 'ENOENT', 'EPIPE'].includes(error.code ?? '')) throw error;
}

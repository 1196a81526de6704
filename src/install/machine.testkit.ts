/** A machine whose files lie in a temporary folder, and whose systemd does what a service manager does with one unit. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TempFolder } from '../../test/testkit/temp-folder.ts';
import type { Answer, Machine } from './machine.ts';
import { unitName } from './unit.ts';

export class MachineInAFolder implements Machine {
  readonly prefix: string;
  isRoot = true;
  hasSystemd = true;
  /** What changed something, in order. */
  readonly commands: string[] = [];
  active = false;
  enabled = false;
  /** What a daemon says when it is started. */
  says = ['runtime: container', 'ready: dashboard http://127.0.0.1:8484'];
  #said: string[] = [];

  constructor({ path }: TempFolder) {
    this.prefix = path;
    mkdirSync(join(path, 'etc'));
    writeFileSync(join(path, 'etc/passwd'), 'root:x:0:0::/:/bin/sh\nns-shop:x:999:999::/:/bin/sh\n');
  }

  get unitFile(): string {
    return join(this.prefix, 'etc/systemd/system', unitName);
  }

  read(path: string): string {
    return readFileSync(join(this.prefix, path), 'utf8');
  }

  has(path: string): boolean {
    return existsSync(join(this.prefix, path));
  }

  async presentDaemon(): Promise<string> {
    return 'only';
  }

  async saidBy(): Promise<readonly string[]> {
    return this.#said;
  }

  async systemctl(...words: readonly string[]): Promise<Answer> {
    const [verb = ''] = words;
    if (verb === 'is-active') return this.#answer(this.active ? 'active' : 'inactive');
    if (verb === 'is-enabled') return this.#answer(this.enabled ? 'enabled' : 'disabled');
    if (verb === 'show') return this.#answer('');
    this.commands.push(words.filter((each) => each !== unitName && each !== '--quiet').join(' '));
    if (!existsSync(this.unitFile) && !['daemon-reload', 'reset-failed'].includes(verb))
      return { output: '', failed: `Unit ${unitName} not found.` };
    if (verb === 'start' || verb === 'restart') {
      this.#said = [...this.says];
      this.active = this.says.some((line) => line.startsWith('ready: '));
    }
    if (verb === 'kill') {
      this.#said.push('ending 2 runs …');
      this.active = false;
    }
    if (verb === 'enable' || verb === 'disable') this.enabled = verb === 'enable';
    return this.#answer('');
  }

  #answer = (output: string): Answer => ({ output: `${output}\n`, failed: null });
}

/** The machine that is installed on: its systemd, and where its files are. */
import { execFile } from 'node:child_process';
import { existsSync, realpathSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { systemPath, unitName } from './unit.ts';

export interface Machine {
  /** Before every path of the machine; empty but in tests. */
  readonly prefix: string;
  readonly isRoot: boolean;
  readonly hasSystemd: boolean;
  /** Runs systemctl; `failed` holds what it said. */
  systemctl(...words: readonly string[]): Promise<Answer>;
  /** Tells the unit's present daemon from those before and after it. */
  presentDaemon(): Promise<string>;
  /** What that daemon said, line by line. */
  saidBy(daemon: string): Promise<readonly string[]>;
}

export interface Answer {
  readonly output: string;
  /** What it said on standard error when it failed; null when it did not. */
  readonly failed: string | null;
}

const outputMax = 16 * 1024 * 1024;

function answerOf(program: string, words: readonly string[]): Promise<Answer> {
  return new Promise((resolve) => {
    execFile(program, words, { maxBuffer: outputMax }, (error, output, said) =>
      resolve({ output, failed: error === null ? null : said.trim() || error.message }),
    );
  });
}

export function thisMachine(): Machine {
  const systemctl = (...words: readonly string[]): Promise<Answer> => answerOf('systemctl', words);
  return {
    prefix: '',
    isRoot: process.getuid?.() === 0,
    hasSystemd: existsSync('/run/systemd/system'),
    systemctl,
    presentDaemon: async () =>
      (await systemctl('show', '--property', 'InvocationID', '--value', unitName)).output.trim(),
    saidBy: async (daemon) => {
      const words = ['--output', 'cat', '--no-pager', `_SYSTEMD_INVOCATION_ID=${daemon}`];
      return (await answerOf('journalctl', words)).output.split('\n').filter((line) => line !== '');
    },
  };
}

/** The folder of this Node when a unit would find another one, or none. */
export function nodeFolderForUnit(execPath: string, path: readonly string[] = systemPath): string | null {
  const found = path.map((folder) => join(folder, 'node')).find(existsSync);
  return found !== undefined && realpathSync(found) === realpathSync(execPath) ? null : dirname(execPath);
}

/** The first of the path's folders, or the file itself, that others than root may change; undefined when there is none. */
export function openToOthers(path: string): string | undefined {
  const parts = realpathSync(path).split('/');
  const all = parts.map((_, index) => parts.slice(0, index + 1).join('/') || '/');
  return all.find((each) => {
    const { uid, gid, mode } = statSync(each);
    const sticky = (mode & 0o1000) !== 0;
    return uid !== 0 || (!sticky && ((mode & 0o002) !== 0 || (gid !== 0 && (mode & 0o020) !== 0)));
  });
}

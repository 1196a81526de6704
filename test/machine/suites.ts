/** What is the same on every machine, run on this one: `nightshift doctor` and the tests of the container runtime. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Transcript } from './transcript.ts';
import { checkout, run } from './unit.ts';
import { must } from './until.ts';

interface Finding {
  readonly subject: string;
  readonly state: string;
  readonly sentence: string;
}

export async function checkDoctor(transcript: Transcript): Promise<void> {
  await transcript.check('nightshift doctor finds nothing missing', async () => {
    const text = await run(join(checkout, 'bin', 'nightshift'), 'doctor', '--json');
    const findings = JSON.parse(text) as readonly Finding[];
    transcript.say(
      findings
        .map(({ subject, state, sentence }) => `            ${state}: ${subject}: ${sentence}`)
        .join('\n'),
    );
    // Nothing was started yet: that no daemon answers is as it should be.
    const wrong = findings
      .filter(({ subject, state }) => state !== 'ok' && subject !== 'daemon')
      .map(({ subject }) => subject);
    must(wrong.length === 0, `not ok: ${wrong.join(', ')}`);
    must(/cgroup v2/.test(text), 'the machine was to have cgroup v2');
    return undefined;
  });
}

interface TestFile {
  readonly path: string;
  /** A regular expression: only tests whose title matches; all without it. */
  readonly only?: string;
  /** In a unit whose group is handed over, as the daemon is; else in the group of whoever runs this. */
  readonly delegated: boolean;
  readonly seconds: number;
}

export const contractSuite: TestFile = {
  path: 'src/runtimes/container/container.contract.test.ts',
  delegated: true,
  seconds: 3000,
};

/** What is left out is about programs and not about the machine: it is the same elsewhere, and slow here. */
export const wallsSuite: TestFile = {
  path: 'src/runtimes/container/container.test.ts',
  only: 'walls|limits|killed conmon|nothing is left|restart of the machine|a start that fails',
  delegated: false,
  seconds: 2400,
};

/** Runs a test file with Vitest; each of its tests counts. */
export async function runTests(transcript: Transcript, file: TestFile): Promise<void> {
  transcript.say(
    `  ${file.path}${file.only === undefined ? '' : `, ${file.only}`}, ${file.delegated ? 'in a delegated unit' : 'at the root of the tree'}`,
  );
  const report = join(await mkdtemp(join(tmpdir(), 'machine-test-')), 'report.json');
  const vitest = [
    ...['timeout', String(file.seconds), join(checkout, 'node_modules', '.bin', 'vitest'), 'run', file.path],
    // An emulated processor is twenty times slower.
    ...['--testTimeout', '600000', '--hookTimeout', '600000', '--no-color'],
    ...['--reporter', 'verbose', '--reporter', 'json', '--outputFile.json', report],
    ...(file.only === undefined ? [] : ['-t', file.only]),
  ];
  const unit = ['--pipe', '--wait', '--collect', '--quiet', '--working-directory', checkout, '--setenv=HOME'];
  const handedOver = ['Delegate=yes', 'DelegateSubgroup=daemon', 'TasksMax=infinity', 'OOMPolicy=continue'];
  const words = file.delegated
    ? ['systemd-run', ...unit, ...handedOver.flatMap((each) => ['-p', each]), '--', ...vitest]
    : vitest;
  await carryOut(words);
  try {
    const { passed, failed, skipped } = countOf(await readFile(report, 'utf8'));
    transcript.add({ passed, failed });
    transcript.say(
      `  ${passed} passed, ${failed} failed, ${skipped} ${file.only === undefined ? 'skipped' : 'left out'}`,
    );
  } catch (error) {
    transcript.add({ passed: 0, failed: 1 });
    transcript.say(`  FAILED  the tests did not come to their end: ${(error as Error).message}`);
  }
}

/** Its output is ours; how it ended is told by the report. */
async function carryOut(words: readonly string[]): Promise<void> {
  const [program = '', ...args] = words;
  const child = spawn(program, args, { cwd: checkout, stdio: ['ignore', 'inherit', 'inherit'] });
  await once(child, 'exit');
}

function countOf(report: string): { passed: number; failed: number; skipped: number } {
  const { numPassedTests, numFailedTests, numTotalTests, numFailedTestSuites } = JSON.parse(report) as Record<
    string,
    number
  >;
  const [passed = 0, failed = 0, total = 0] = [numPassedTests, numFailedTests, numTotalTests];
  // A file that can't be loaded fails without a test.
  const broken = total === 0 ? (numFailedTestSuites ?? 1) : 0;
  return { passed, failed: failed + broken, skipped: total - passed - failed };
}

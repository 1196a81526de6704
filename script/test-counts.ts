/**
 * Reads Vitest's JSON report and prints what must not drown in its output: which runtimes the contract suite really ran
 * on, what was skipped, what failed and why, and as the last line `N passed, N failed, N skipped`, which CI reads.
 * A file that could not even be loaded counts as a failure, and so does a missing report; exit code 1 when no test ran.
 */
import { readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly {
    readonly name: string;
    readonly status: string;
    /** Why the file could not be loaded. */
    readonly message: string;
    readonly assertionResults: readonly {
      readonly status: string;
      readonly fullName: string;
      readonly failureMessages?: readonly string[];
    }[];
  }[];
}

const skippedShown = 30;
const failuresShown = 20;
const linesShown = 12;

function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return undefined; // the runner ended before it could write one
  }
}

/** `container 61 passed` for each runtime whose suite is in the report. */
function runtimeSuites(report: Report): string[] {
  return ['container', 'process', 'fake'].flatMap((runtime) => {
    const tests = report.testResults
      .filter((file) => file.name.includes(`/src/runtimes/${runtime}/`))
      .flatMap((file) => file.assertionResults);
    const count = (status: string): number => tests.filter((test) => test.status === status).length;
    if (tests.length === 0) return [];
    const skipped = tests.length - count('passed') - count('failed');
    return [`${runtime} ${count('passed')} passed${skipped > 0 ? ` (${skipped} skipped)` : ''}`];
  });
}

/** What failed, last of all: where only the end of the output is kept, the reason must stand there. */
function tellFailures(report: Report): void {
  const failures = report.testResults.flatMap((file) =>
    file.status === 'failed' && file.assertionResults.length === 0
      ? [{ what: file.name, why: file.message }]
      : file.assertionResults
          .filter((test) => test.status === 'failed')
          .map((test) => ({ what: test.fullName, why: (test.failureMessages ?? []).join('\n') })),
  );
  for (const { what, why } of failures.slice(0, failuresShown)) {
    console.log(`failed: ${what}`);
    const lines = why.split('\n');
    for (const line of lines.slice(0, linesShown)) console.log(`    ${line.slice(0, 500)}`);
    if (lines.length > linesShown) console.log(`    … ${lines.length - linesShown} more lines above`);
  }
  if (failures.length > failuresShown) console.log(`failed: ${failures.length - failuresShown} more`);
}

function tell(report: Report): void {
  const suites = runtimeSuites(report);
  if (suites.length > 0) console.log(`runtimes tested: ${suites.join(', ')}`);
  const skipped = report.testResults
    .flatMap((file) => file.assertionResults)
    .filter((test) => test.status === 'skipped' || test.status === 'pending' || test.status === 'todo');
  for (const test of skipped.slice(0, skippedShown)) console.log(`skipped: ${test.fullName}`);
  if (skipped.length > skippedShown) console.log(`skipped: ${skipped.length - skippedShown} more`);
  tellFailures(report);
}

const report = readReport(process.argv[2] ?? '');
if (report === undefined) {
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} else {
  tell(report);
  const unloadable = report.testResults.filter(
    (file) => file.status === 'failed' && file.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + unloadable;
  const skipped = report.numPendingTests + report.numTodoTests;
  console.log(
    `${report.numPassedTests} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`,
  );
  if (report.numPassedTests + failed === 0) process.exitCode = 1;
}

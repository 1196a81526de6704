/**
 * Reads Vitest's JSON report and prints `N passed, N failed, N skipped`, the line that CI reads.
 * A file that could not even be loaded counts as a failure, and so does a report that is missing; exit code 1 when no test ran.
 */
import { readFileSync } from 'node:fs';

interface Report {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly testResults: readonly { readonly status: string; readonly assertionResults: readonly unknown[] }[];
}

function readReport(path: string): Report | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Report;
  } catch {
    return undefined; // the runner ended before it could write one
  }
}

const report = readReport(process.argv[2] ?? '');
if (report === undefined) {
  console.log('0 passed, 1 failed');
  process.exitCode = 1;
} else {
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

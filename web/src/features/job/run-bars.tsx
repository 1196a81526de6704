/** The latest runs as bars, oldest first: high by length, coloured by outcome; each opens its run. */
import { Link } from '@tanstack/react-router';
import type { Run } from '../../../../src/contract/run.ts';
import { now } from '../../data/clock.ts';
import { exactly } from '../../design/moment.tsx';
import { outcomeLooks } from '../../design/outcome-badge.tsx';
import { lengthInWords, lengthOf, triggerWords } from '../../parts/runs/run-words.ts';
import { barHeights } from './bar-heights.ts';
import classes from './run-bars.module.css';

const barsMax = 90;

export function RunBars({ runs }: { readonly runs: readonly Run[] }) {
  const shown = runs.slice(0, barsMax).toReversed();
  const heights = barHeights(shown.map((run) => lengthOf(run, now()) ?? 0));
  return (
    <ol className={classes.bars} aria-label="The latest runs, oldest first">
      {shown.map((run, index) => (
        <li key={run.id}>
          <Link
            to="/environments/$environment/runs/$run"
            params={{ environment: run.environment, run: run.id }}
            className={classes.bar}
            title={wordsOf(run)}
            aria-label={wordsOf(run)}
          >
            <span
              className={classes.fill}
              data-tone={run.outcome === null ? 'accent' : outcomeLooks[run.outcome].tone}
              style={{ height: `${heights[index] ?? 8}%` }}
            />
          </Link>
        </li>
      ))}
    </ol>
  );
}

function wordsOf(run: Run): string {
  const outcome = run.outcome === null ? 'runs' : outcomeLooks[run.outcome].word;
  const began = exactly(Date.parse(run.startedAt ?? run.createdAt));
  return `${outcome}, ${lengthInWords(run, now())}, because of ${triggerWords[run.trigger]}, ${began}`;
}

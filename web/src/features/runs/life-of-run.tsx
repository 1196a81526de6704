/** The timeline of a run's life: created, started, ended, and what it left behind. */
import type { Run } from '../../../../src/contract/run.ts';
import { exactly } from '../../design/moment.tsx';
import { Section } from '../../design/page.tsx';
import { eventsOf } from './life.ts';
import classes from './run-page.module.css';

export function LifeOfRun({ run }: { readonly run: Run }) {
  return (
    <Section title="Its life">
      <ol className={classes.life}>
        {eventsOf(run).map(({ key, at, after, words, tone }) => (
          <li key={key} data-tone={tone}>
            <span className={classes.after} title={at === null ? undefined : exactly(at)}>
              {after}
            </span>
            <span>{words}</span>
          </li>
        ))}
      </ol>
    </Section>
  );
}

/** What the marks of the charts stand for, in words. */
import { Link } from '@tanstack/react-router';
import type { Metrics, MetricsMark } from '../../../../src/contract/metrics.ts';
import type { Run } from '../../../../src/contract/run.ts';
import { Badge, type Shape, type Tone } from '../../design/badge.tsx';
import { ClockTime } from '../../design/moment.tsx';
import { Section } from '../../design/page.tsx';
import { triggerWords } from '../../parts/runs/run-words.ts';
import classes from './metrics-page.module.css';

const shownMax = 12;

const looks: Record<MetricsMark['kind'], { tone: Tone; shape: Shape; word: string }> = {
  deployment: { tone: 'good', shape: 'bars', word: 'deployment' },
  restart: { tone: 'still', shape: 'half', word: 'restart' },
  'out-of-memory': { tone: 'bad', shape: 'triangle', word: 'out of memory' },
};

/** The text of a restart is its trigger. */
const wordsOf = (kind: MetricsMark['kind'], text: string): string =>
  kind === 'restart' && text in triggerWords ? `because of ${triggerWords[text as Run['trigger']]}` : text;

export function Marks({ metrics }: { readonly metrics: Metrics }) {
  const { environment, marks } = metrics;
  const newest = marks.toReversed();
  // Kills and deployments are what explains a chart; restarts fill the room that is left.
  const weighty = newest.filter(({ kind }) => kind !== 'restart');
  const shown = [...weighty, ...newest.filter(({ kind }) => kind === 'restart')]
    .slice(0, shownMax)
    .sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  if (shown.length === 0) return null;
  return (
    <Section title="What happened in this time" flush>
      <ul className={classes.marks}>
        {shown.map(({ at, kind, job, id, text }) => (
          <li key={`${kind} ${id}`}>
            <span className={classes.at}>
              <ClockTime at={at} />
            </span>
            <Badge tone={looks[kind].tone} shape={looks[kind].shape}>
              {looks[kind].word}
            </Badge>
            <span className={classes.text}>
              {job !== null && <b>{job}</b>} {wordsOf(kind, text)}{' '}
              {kind !== 'deployment' && (
                <Link to="/environments/$environment/runs/$run" params={{ environment, run: id }}>
                  output
                </Link>
              )}
            </span>
          </li>
        ))}
      </ul>
      {marks.length > shown.length && <p className={classes.more}>and {marks.length - shown.length} more</p>}
    </Section>
  );
}

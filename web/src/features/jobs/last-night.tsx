/** What went wrong in the last day, newest first: failed runs, due times without a run, incidents. */
import { useQuery } from '@tanstack/react-query';
import { read } from '../../data/api.ts';
import { now } from '../../data/clock.ts';
import { ShapeMark } from '../../design/badge.tsx';
import { ClockTime } from '../../design/moment.tsx';
import { Section } from '../../design/page.tsx';
import classes from './last-night.module.css';
import { type Mishap, mishapsOf } from './mishaps.ts';

const dayMs = 86_400_000;
const shownMax = 6;

export function LastNight({ environment }: { readonly environment: string }) {
  const params = { environment };
  const runs = useQuery(read('runs', { params, query: { limit: 200 } }));
  const dueTimes = useQuery(read('dueTimes', { params, query: { limit: 200 } }));
  const incidents = useQuery(read('incidents', { query: { environment, limit: 50 } }));
  const loaded = runs.data && dueTimes.data && incidents.data;
  const mishaps = loaded
    ? mishapsOf(runs.data.items, dueTimes.data.items, incidents.data.items, now() - dayMs)
    : undefined;
  return (
    <Section title="Last night" flush>
      {mishaps?.length === 0 && (
        <p className={classes.calm}>Nothing failed, and no cron was missed, in the last 24 hours.</p>
      )}
      <ul className={classes.list}>
        {mishaps?.slice(0, shownMax).map((mishap) => (
          <Line key={mishap.key} mishap={mishap} environment={environment} />
        ))}
      </ul>
      {mishaps && mishaps.length > shownMax && (
        <a className={classes.more} href={`/environments/${environment}/runs`}>
          and {mishaps.length - shownMax} more
        </a>
      )}
    </Section>
  );
}

function Line({ mishap, environment }: { readonly mishap: Mishap; readonly environment: string }) {
  const { at, job, text, run, tone, times } = mishap;
  return (
    <li className={classes.line} data-tone={tone}>
      <ShapeMark shape={tone === 'bad' ? 'cross' : 'triangle'} />
      <span className={classes.at}>
        <ClockTime at={at} />
      </span>
      <span className={classes.text}>
        {job !== null && <b>{job}</b>} {text}
        {times > 1 && <span className={classes.times}> · {times}×</span>}
      </span>
      {run !== null && <a href={`/environments/${environment}/runs/${run}`}>output</a>}
    </li>
  );
}

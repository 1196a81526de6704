/** What somebody should know of: open incidents first, then those that are over. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { formatDuration } from '../../../../src/contract/format.ts';
import type { Incident } from '../../../../src/contract/incident.ts';
import { read } from '../../data/api.ts';
import { Badge } from '../../design/badge.tsx';
import { Dim } from '../../design/dim.tsx';
import { ClockTime } from '../../design/moment.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import { reasonBesideJob } from '../../parts/incident-words.ts';
import classes from './activity-page.module.css';

export function IncidentList({
  environment,
  limit = 20,
}: {
  readonly environment?: string;
  readonly limit?: number;
}) {
  const incidents = useQuery(
    read('incidents', { query: { ...(environment === undefined ? {} : { environment }), limit } }),
  );
  return (
    <Section title="Incidents" flush>
      <Loaded query={incidents}>
        {({ items }) =>
          items.length === 0 ? (
            <p className={classes.calm}>
              None. A due time that nobody served, a start that is late, a run that takes too long: each would
              be told here once, and when it is over.
            </p>
          ) : (
            <ul className={classes.incidents}>
              {openFirst(items).map((incident) => (
                <Line key={incident.id} incident={incident} showEnvironment={environment === undefined} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </Section>
  );
}

const openFirst = (incidents: readonly Incident[]): readonly Incident[] => [
  ...incidents.filter(({ endedAt }) => endedAt === null),
  ...incidents.filter(({ endedAt }) => endedAt !== null),
];

const kindWords: Readonly<Record<string, string>> = {
  'cron-missed': 'missed',
  'cron-late': 'late',
  'cron-longer': 'too long',
  'cron-shorter': 'too short',
  'scheduler-silent': 'scheduler silent',
};

function Line({
  incident,
  showEnvironment,
}: {
  readonly incident: Incident;
  readonly showEnvironment: boolean;
}) {
  const { environment, job, kind, beganAt, endedAt, endReason, run, count } = incident;
  const lasted = endedAt === null ? undefined : (Date.parse(endedAt) - Date.parse(beganAt)) / 1_000;
  return (
    <li className={classes.incident}>
      <Badge tone={endedAt === null ? 'bad' : 'still'} shape={endedAt === null ? 'triangle' : 'ring'}>
        {kindWords[kind] ?? kind.replaceAll('-', ' ')}
        {endedAt === null ? '' : ', over'}
      </Badge>
      <span className={classes.reason}>
        {showEnvironment && environment !== null && `${environment}: `}
        {job !== null && environment !== null && (
          <Link to="/environments/$environment/jobs/$job" params={{ environment, job }}>
            {job}
          </Link>
        )}{' '}
        {reasonBesideJob(incident)}
        {count > 1 && <Dim small> · seen {count} ×</Dim>}
        {endReason !== null && <Dim small> · {endReason}</Dim>}
        {run !== null && environment !== null && (
          <>
            {' · '}
            <Link to="/environments/$environment/runs/$run" params={{ environment, run }}>
              output
            </Link>
          </>
        )}
      </span>
      <Dim small>
        <ClockTime at={beganAt} />
        {lasted === undefined ? ', lasts' : `, for ${formatDuration(Math.round(lasted))}`}
      </Dim>
    </li>
  );
}

/** Why is it like this? What the daemon makes of a job's state and history, in sentences. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Why } from '../../../src/contract/why.ts';
import { read } from '../data/api.ts';
import { CopyAs } from '../design/copy-as.tsx';
import { ClockTime, Moment } from '../design/moment.tsx';
import { Loaded, Section } from '../design/page.tsx';
import classes from './why-panel.module.css';

/** What happened to a job changes with its runs: read anew that often while the page is open. */
const anewMs = 15_000;

export function WhyPanel({ environment, job }: { readonly environment: string; readonly job: string }) {
  const why = useQuery({ ...read('why', { params: { environment, job } }), refetchInterval: anewMs });
  return (
    <Section title="Why">
      <Loaded query={why}>{(told) => <Told why={told} />}</Loaded>
    </Section>
  );
}

function Told({ why }: { readonly why: Why }) {
  return (
    <div className={classes.told}>
      <p className={classes.first}>
        <b data-mood={why.mood}>{why.what}</b>
        {why.since !== null && (
          <>
            {' since '}
            <ClockTime at={why.since} />, <Moment at={why.since} />
          </>
        )}
        {why.at !== null && (
          <>
            {' '}
            <ClockTime at={why.at} />, <Moment at={why.at} />
          </>
        )}
        {why.because !== null && <>: {why.because}</>}.
      </p>
      {why.details.map((detail) => (
        <p key={detail}>{detail}</p>
      ))}
      {why.next !== null && (
        <p>
          {why.next.text.charAt(0).toUpperCase()}
          {why.next.text.slice(1)} {why.next.at !== null && <Moment at={why.next.at} />}.
        </p>
      )}
      {why.remedies.map((remedy) => (
        <Remedy key={remedy} remedy={remedy} />
      ))}
      <ol className={classes.history}>
        {why.history.map((line) => (
          <li key={`${line.at} ${line.text}`}>
            <span className={classes.when}>
              {line.from !== null && (
                <>
                  <ClockTime at={line.from} /> –{' '}
                </>
              )}
              <ClockTime at={line.at} />
            </span>
            <span data-mood={line.mood}>
              {line.text}
              {line.run !== null && (
                <>
                  {' · '}
                  <Link
                    to="/environments/$environment/runs/$run"
                    params={{ environment: why.environment, run: line.run }}
                  >
                    output
                  </Link>
                </>
              )}
            </span>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** `book plan L (1024 MB): nightshift book shop L`: what it is, and the command to copy. */
function Remedy({ remedy }: { readonly remedy: string }) {
  const cut = remedy.indexOf(': nightshift ');
  if (cut === -1) return <p>→ {remedy}</p>;
  return (
    <p className={classes.remedy}>
      → {remedy.slice(0, cut)} <CopyAs command={remedy.slice(cut + 2)} />
    </p>
  );
}

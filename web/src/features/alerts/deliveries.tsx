/** What was sent, and what waits. */
import { useQuery } from '@tanstack/react-query';
import type { AlertDelivery } from '../../../../src/contract/alert.ts';
import { read } from '../../data/api.ts';
import { Badge } from '../../design/badge.tsx';
import { Dim } from '../../design/dim.tsx';
import { Moment } from '../../design/moment.tsx';
import { Loaded, Section } from '../../design/page.tsx';
import classes from './alerts.module.css';

const phaseWords: Readonly<Record<AlertDelivery['phase'], string>> = {
  begin: 'something went wrong',
  over: 'it is over',
  test: 'a test',
  start: 'a run began',
  success: 'a run ended well',
  fail: 'a run failed',
};

export function Deliveries({ environment }: { readonly environment: string | null }) {
  const query = { ...(environment === null ? {} : { environment }), limit: 20 };
  const deliveries = useQuery({ ...read('alertDeliveries', { query }), refetchInterval: 10_000 });
  const channels = useQuery(read('alertChannels', environment === null ? {} : { query: { environment } }));
  const nameOf = (id: string): string =>
    channels.data?.items.find((each) => each.id === id)?.name ??
    (id.startsWith('ping/') ? `the monitor of ${id.slice(5)}` : 'a channel that is gone');
  return (
    <Loaded query={deliveries}>
      {({ items }) =>
        items.length === 0 ? null : (
          <Section title="What was sent" flush>
            <ul className={classes.list}>
              {items.map((each) => (
                <li key={each.id} className={classes.line}>
                  <span>
                    <State of={each} /> {nameOf(each.channel)}: {phaseWords[each.phase]}
                    {each.trouble !== null && <Dim> · {each.trouble}</Dim>}
                  </span>
                  <Dim small>
                    <Moment at={each.createdAt} />
                    {each.dueAt !== null && (
                      <>
                        , tried next <Moment at={each.dueAt} />
                      </>
                    )}
                  </Dim>
                </li>
              ))}
            </ul>
          </Section>
        )
      }
    </Loaded>
  );
}

function State({ of: { state, attempts } }: { readonly of: AlertDelivery }) {
  switch (state) {
    case 'delivered':
      return (
        <Badge tone="good" shape="dot">
          arrived
        </Badge>
      );
    case 'given-up':
      return (
        <Badge tone="bad" shape="cross">
          given up
        </Badge>
      );
    case 'left-out':
      return (
        <Badge tone="still" shape="ring">
          left out
        </Badge>
      );
    case 'waiting':
      return (
        <Badge tone={attempts > 0 ? 'warn' : 'still'} shape="clock">
          {attempts > 0 ? `waits, tried ${attempts} ×` : 'waits'}
        </Badge>
      );
  }
}

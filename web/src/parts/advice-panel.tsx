/** What could be better about the jobs of an environment, from what was measured. */
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { Advice } from '../../../src/contract/advice.ts';
import { read } from '../data/api.ts';
import { Badge } from '../design/badge.tsx';
import { Loaded, Section } from '../design/page.tsx';
import classes from './advice-panel.module.css';

const words: Readonly<Record<Advice['jobs'][number]['kind'], string>> = {
  grows: 'grows',
  overlaps: 'overlaps',
  'could-move': 'could move',
};

/** Nothing where there is nothing to say. */
export function AdvicePanel({ environment }: { readonly environment: string }) {
  const advice = useQuery({ ...read('advice', { params: { environment } }), refetchInterval: 60_000 });
  return (
    <Loaded query={advice}>
      {({ jobs }) =>
        jobs.length === 0 ? null : (
          <Section title="What could be better" flush>
            <ul className={classes.list}>
              {jobs.map(({ kind, job, sentence }) => (
                <li key={`${kind} ${job}`} className={classes.line}>
                  <Badge tone="warn" shape="triangle">
                    {words[kind]}
                  </Badge>
                  <span>
                    <Link to="/environments/$environment/jobs/$job" params={{ environment, job }}>
                      {job}
                    </Link>
                    : {sentence}
                  </span>
                </li>
              ))}
            </ul>
          </Section>
        )
      }
    </Loaded>
  );
}

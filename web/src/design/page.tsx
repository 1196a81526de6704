/** What every page is made of: its title with its acts, and sections on quiet paper. */
import { Loader } from '@mantine/core';
import { type ReactNode, useEffect } from 'react';
import { Failure } from './notice.tsx';
import classes from './page.module.css';

export interface PageProps {
  /** Of the window; beside it stands "Nightshift". */
  readonly title: string;
  readonly children: ReactNode;
  /** Reading width, for forms. */
  readonly narrow?: boolean;
}

export function Page({ title, narrow, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} · Nightshift`;
  }, [title]);
  return <div className={narrow ? `${classes.page} ${classes.narrow}` : classes.page}>{children}</div>;
}

/** The title of a page that shows it in another way: for those who hear it, and for the outline. */
export const HiddenTitle = ({ children }: { readonly children: ReactNode }) => (
  <h1 className={classes.hidden}>{children}</h1>
);

export interface PageHeadProps {
  readonly title: ReactNode;
  /** Facts beside or beneath the title. */
  readonly facts?: ReactNode;
  readonly actions?: ReactNode;
}

export function PageHead({ title, facts, actions }: PageHeadProps) {
  return (
    <div className={classes.head}>
      <div className={classes.titles}>
        <h1>{title}</h1>
        {facts && <div className={classes.facts}>{facts}</div>}
      </div>
      {actions && <div className={classes.actions}>{actions}</div>}
    </div>
  );
}

export interface SectionProps {
  readonly title?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  /** Tables and lists reach to the edge of the paper. */
  readonly flush?: boolean;
}

export function Section({ title, actions, flush, children }: SectionProps) {
  return (
    <section className={classes.section}>
      {(title || actions) && (
        <div className={classes.sectionHead}>
          {typeof title === 'string' ? <h2>{title}</h2> : <div className={classes.sectionTitle}>{title}</div>}
          {actions && <div className={classes.actions}>{actions}</div>}
        </div>
      )}
      <div className={flush ? classes.flush : classes.sectionBody}>{children}</div>
    </section>
  );
}

/** Facts as pairs of a word and a value. */
export function Facts({ of: facts }: { readonly of: readonly (readonly [string, ReactNode])[] }) {
  return (
    <dl className={classes.factList}>
      {facts.map(([word, value]) => (
        <div key={word}>
          <dt>{word}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

interface Asking<Value> {
  readonly data: Value | undefined;
  readonly error: Error | null;
  readonly isPending: boolean;
}

/** What was read, or why it could not be; what was read before stays while a newer answer fails. */
export function Loaded<Value>({
  query,
  children,
}: {
  readonly query: Asking<Value>;
  readonly children: (value: Value) => ReactNode;
}) {
  if (query.data !== undefined) return children(query.data);
  if (query.error !== null) return <Failure of={query.error} />;
  return <Waiting />;
}

/** Shown only after a moment: what comes at once should not flash. */
export function Waiting() {
  return (
    <div className={classes.waiting}>
      <Loader size="sm" color="gray" aria-label="Reading" />
    </div>
  );
}

/** One line of a log: when, which job, on which stream, and what it said. */
import { type CSSProperties, useMemo, useState } from 'react';
import { exactly } from '../../design/moment.tsx';
import { parseAnsi, plainText } from './ansi.ts';
import { jobHue } from './job-hue.ts';
import type { LogLine } from './log-buffer.ts';
import classes from './log-line.module.css';
import { findsOf, linksOf, segmentsOf } from './marks.ts';
import { SegmentText } from './segment-text.tsx';

export interface LineProps {
  readonly line: LogLine;
  readonly utc: boolean;
  readonly needle: string;
  readonly showJob: boolean;
  /** Lines that go on from this one. */
  readonly more: number;
  readonly open: boolean;
  readonly onOpen: () => void;
}

export function LineRow({ line, utc, needle, showJob, more, open, onOpen }: LineProps) {
  const [unfolded, setUnfolded] = useState(false);
  const document = useMemo(() => jsonOf(line.message), [line.message]);
  return (
    <div className={classes.line} data-level={line.level} data-job={showJob || undefined}>
      <time className={classes.time} title={exactly(line.at)} dateTime={new Date(line.at).toISOString()}>
        {clockOf(line.at, utc)}
      </time>
      {showJob && (
        <span className={classes.job} style={{ '--hue': jobHue(line.job) } as CSSProperties} title={line.job}>
          {line.job}
        </span>
      )}
      <span className={classes.level}>{line.level === 'INFO' ? '' : line.level}</span>
      <span className={classes.message}>
        {document !== undefined && (
          <button
            type="button"
            className={classes.fold}
            aria-expanded={unfolded}
            aria-label="The fields of this line"
            onClick={() => setUnfolded(!unfolded)}
          >
            {unfolded ? '▾' : '▸'}
          </button>
        )}
        <Message message={line.message} needle={needle} />
        {more > 0 && (
          <button type="button" className={classes.more} aria-expanded={open} onClick={onOpen}>
            {open ? 'fold' : `+ ${more} lines`}
          </button>
        )}
        {unfolded && document !== undefined && <Fields of={document} />}
      </span>
    </div>
  );
}

function Message({ message, needle }: { readonly message: string; readonly needle: string }) {
  const segments = useMemo(() => {
    const pieces = parseAnsi(message);
    const text = pieces.map((piece) => piece.text).join('');
    return segmentsOf(pieces, [...linksOf(text), ...findsOf(text, needle)]);
  }, [message, needle]);
  return segments.map((segment, index) => <SegmentText key={index} segment={segment} />);
}

/** An object or a list; other JSON values read well as they are. */
function jsonOf(message: string): object | undefined {
  const text = plainText(message).trim();
  if (!/^[{[].*[}\]]$/.test(text)) return undefined;
  try {
    const read: unknown = JSON.parse(text);
    return typeof read === 'object' && read !== null ? read : undefined;
  } catch {
    return undefined;
  }
}

function Fields({ of: document }: { readonly of: object }) {
  return (
    <span className={classes.fields}>
      {Object.entries(document).map(([name, value]) => (
        <span key={name} className={classes.field}>
          <span className={classes.fieldName}>{name}</span>
          <span>{typeof value === 'string' ? value : JSON.stringify(value, null, 2)}</span>
        </span>
      ))}
    </span>
  );
}

const two = (value: number): string => String(value).padStart(2, '0');

/** `04:12:07.123` */
export function clockOf(at: number, utc: boolean): string {
  const time = new Date(at);
  if (utc) return time.toISOString().slice(11, 23);
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, '0')}`;
}

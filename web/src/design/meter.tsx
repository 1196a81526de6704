/** How much of a limit is used: a bar, and the numbers beside it. */
import classes from './meter.module.css';

export interface MeterProps {
  readonly label: string;
  readonly used: number;
  readonly limit: number;
  /** `612 of 1024 MB` */
  readonly text: string;
  /** A mark on the scale, such as the peak. */
  readonly mark?: number;
  /** Being full is nothing bad. */
  readonly calm?: boolean;
  /** Only the bar: the text stands elsewhere. */
  readonly bare?: boolean;
}

const fullShare = 0.9;

export function Meter({ label, used, limit, text, mark, calm, bare }: MeterProps) {
  const share = limit > 0 ? Math.min(1, used / limit) : 0;
  return (
    <div className={classes.meter}>
      {!bare && (
        <div className={classes.words}>
          <span className={classes.label}>{label}</span>
          <span>{text}</span>
        </div>
      )}
      <svg
        className={classes.bar}
        viewBox="0 0 100 6"
        preserveAspectRatio="none"
        role="img"
        aria-label={`${label}: ${text}`}
        data-full={(!calm && share >= fullShare) || undefined}
      >
        <rect className={classes.ground} width="100" height="6" />
        <rect className={classes.fill} width={share * 100} height="6" />
        {mark !== undefined && limit > 0 && (
          <rect className={classes.mark} x={Math.min(99, (mark / limit) * 100)} width="1" height="6" />
        )}
      </svg>
    </div>
  );
}

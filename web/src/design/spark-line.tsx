/** A small line of recent values, for the eye; the number stands beside it. */
import classes from './spark-line.module.css';

export interface SparkLineProps {
  readonly values: readonly (number | null)[];
  readonly label: string;
  /** The top of the scale; the largest value when absent. */
  readonly limit?: number;
}

const width = 64;
const height = 18;

export function SparkLine({ values, label, limit }: SparkLineProps) {
  const path = pathOf(values, limit);
  if (path === '') return null;
  return (
    <svg
      className={classes.line}
      viewBox={`0 0 ${width} ${height}`}
      width={width}
      height={height}
      role="img"
      aria-label={label}
    >
      <path d={path} fill="none" stroke="currentColor" strokeWidth="1.5" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}

/** Gaps are gaps: a value that is not known begins a new stroke. */
export function pathOf(values: readonly (number | null)[], limit?: number): string {
  const known = values.filter((value) => value !== null);
  if (known.length < 2) return '';
  const top = limit ?? Math.max(...known, 1);
  const step = width / (values.length - 1);
  let pen = 'M';
  return values
    .flatMap((value, index) => {
      if (value === null) {
        pen = 'M';
        return [];
      }
      const y = height - 1 - (Math.min(value, top) / top) * (height - 2);
      const point = `${pen}${(index * step).toFixed(1)} ${y.toFixed(1)}`;
      pen = 'L';
      return [point];
    })
    .join('');
}

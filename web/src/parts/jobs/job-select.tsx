import { Select } from '@mantine/core';
import { useJobNames } from './use-jobs.ts';

export interface JobSelectProps {
  readonly environment: string;
  readonly job: string | undefined;
  readonly onChange: (job: string | undefined) => void;
  /** What it means when none is chosen: `all jobs`. */
  readonly none: string;
}

/** One of the environment's jobs, or none. A job that was removed can still be what the address asks for. */
export function JobSelect({ environment, job, onChange, none }: JobSelectProps) {
  const names = useJobNames(environment);
  return (
    <Select
      size="xs"
      aria-label="Job"
      placeholder={none}
      data={[...new Set([...names, ...(job === undefined ? [] : [job])])]}
      value={job ?? null}
      onChange={(name) => onChange(name ?? undefined)}
      searchable
      clearable
      limit={60}
      nothingFoundMessage="No such job"
    />
  );
}

/** A plan: what it gives, and where this environment's use would stand on its scale. */
import { UnstyledButton } from '@mantine/core';
import type { Plan, Usage } from '../../../../src/contract/environment.ts';
import { formatPlanSize, formatSize } from '../../../../src/contract/format.ts';
import { Badge } from '../../design/badge.tsx';
import { Meter } from '../../design/meter.tsx';
import classes from './plan-card.module.css';

export interface PlanCardProps {
  readonly plan: Plan;
  readonly isBooked: boolean;
  readonly isChosen: boolean;
  readonly isAdvised: boolean;
  readonly usage: Usage | null;
  readonly jobsEnabled: number;
  readonly onChoose: () => void;
}

export function PlanCard({
  plan,
  isBooked,
  isChosen,
  isAdvised,
  usage,
  jobsEnabled,
  onChoose,
}: PlanCardProps) {
  const used = usage?.memoryBytes ?? 0;
  const peak = usage?.memoryMaxBytes ?? undefined;
  return (
    <UnstyledButton
      className={classes.card}
      role="radio"
      aria-checked={isChosen || (isBooked && !isChosen)}
      data-booked={isBooked || undefined}
      data-chosen={isChosen || undefined}
      onClick={onChoose}
    >
      <span className={classes.top}>
        <span className={classes.name}>{plan.name}</span>
        {isBooked && (
          <Badge tone="accent" shape="dot">
            booked
          </Badge>
        )}
        {isAdvised && !isBooked && (
          <Badge tone="warn" shape="triangle">
            advised
          </Badge>
        )}
      </span>
      <span className={classes.memory}>{formatPlanSize(plan.memoryBytes)}</span>
      <Meter
        bare
        label={`Memory in plan ${plan.name}`}
        used={Math.max(used, peak ?? 0)}
        limit={plan.memoryBytes}
        text={peak === undefined ? 'nothing measured yet' : `${formatSize(peak)} at the peak`}
      />
      <span className={classes.facts}>
        <span data-over={jobsEnabled > plan.jobs || undefined}>
          {plan.jobs} {plan.jobs === 1 ? 'job' : 'jobs'}
        </span>
        <span>{plan.cpu} CPU</span>
      </span>
      {plan.softLimitPerJobBytes !== null && (
        <span className={classes.soft}>{formatPlanSize(plan.softLimitPerJobBytes)} soft limit per job</span>
      )}
    </UnstyledButton>
  );
}

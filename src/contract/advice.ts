import { z } from 'zod';
import { environment } from './environment.ts';

/** What could be better about one job. */
export const jobAdvice = z.strictObject({
  /** Its memory grows without end; its runs overlap; it could be due at another time, so that less is held at once. */
  kind: z.enum(['grows', 'overlaps', 'could-move']),
  job: z.string(),
  /** Why, with the figures, and what helps. */
  sentence: z.string(),
});

/** What was measured says about an environment. */
export const advice = z.strictObject({
  plan: environment.shape.advice,
  jobs: z.array(jobAdvice),
});
export type Advice = z.infer<typeof advice>;

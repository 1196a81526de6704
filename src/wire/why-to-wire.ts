import type { Why } from '../contract/why.ts';
import type { WhyView } from '../control/control.ts';
import { toTime, toTimeOrNull } from './to-wire.ts';

export const whyToWire = (environment: string, job: string, view: WhyView): Why => ({
  environment,
  job,
  mood: view.mood,
  what: view.what,
  since: toTimeOrNull(view.since),
  at: toTimeOrNull(view.at),
  because: view.because,
  details: [...view.details],
  next: view.next === null ? null : { text: view.next.text, at: toTimeOrNull(view.next.at) },
  remedies: [...view.remedies],
  run: view.run,
  output: [...view.output],
  history: view.history.map((line) => ({ ...line, at: toTime(line.at), from: toTimeOrNull(line.from) })),
});

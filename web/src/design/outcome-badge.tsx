/** How a run ended, or that it has not. */
import type { Run } from '../../../src/contract/run.ts';
import { Badge, type Shape, type Tone, ToneMark } from './badge.tsx';

type Outcome = NonNullable<Run['outcome']>;

export const outcomeLooks: Record<Outcome, { tone: Tone; shape: Shape; word: string }> = {
  ok: { tone: 'good', shape: 'dot', word: 'ok' },
  failed: { tone: 'bad', shape: 'cross', word: 'failed' },
  signalled: { tone: 'bad', shape: 'triangle', word: 'signalled' },
  stopped: { tone: 'still', shape: 'square', word: 'stopped' },
  'timed-out': { tone: 'bad', shape: 'clock', word: 'timed out' },
  'out-of-memory': { tone: 'bad', shape: 'triangle', word: 'out of memory' },
  lost: { tone: 'warn', shape: 'ring', word: 'lost' },
};

type Shown = Pick<Run, 'outcome' | 'exitCode' | 'exitSignal' | 'reason'>;

export function OutcomeBadge({ run }: { readonly run: Shown }) {
  if (run.outcome === null) {
    return (
      <Badge tone="accent" shape="half" busy>
        runs
      </Badge>
    );
  }
  const { tone, shape, word } = outcomeLooks[run.outcome];
  return (
    <Badge tone={tone} shape={shape} title={run.reason ?? undefined}>
      {word}
      {exitOf(run)}
    </Badge>
  );
}

/** The outcome as a mark alone, with its word for those who do not see it. */
export const OutcomeMark = ({ outcome }: { readonly outcome: Outcome }) => {
  const { tone, shape, word } = outcomeLooks[outcome];
  return <ToneMark tone={tone} shape={shape} word={word} />;
};

/** `, exit 3`, `, SEGV`; nothing where the word says it. */
function exitOf({ outcome, exitCode, exitSignal }: Shown): string {
  if (outcome === 'failed' && exitCode !== null) return `, exit ${exitCode}`;
  if (outcome === 'signalled' && exitSignal !== null) return `, ${exitSignal}`;
  return '';
}

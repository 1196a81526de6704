/** `advice`: what was measured, turned into sentences. */
import type { Advice } from '../../contract/advice.ts';
import { printable } from '../../contract/printable.ts';
import { path } from '../client.ts';
import type { Context } from '../context.ts';

export async function showAdvice(context: Context, [environment = '']: readonly string[]) {
  const advice = await context.client.get<Advice>(path`/environments/${environment}/advice`);
  context.show(advice, ({ plan, jobs }) => {
    const sentences = [...(plan === null ? [] : [plan.sentence]), ...jobs.map(({ sentence }) => sentence)];
    return sentences.length === 0
      ? `nothing to say about "${environment}": its plan fits, and its jobs are well, as far as was measured`
      : `${sentences.map((sentence) => `→ ${printable(sentence)}`).join('\n')}\n`;
  });
}

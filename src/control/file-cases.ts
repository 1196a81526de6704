/** nightshift.yml without a push: `nightshift apply`. */
import type { Control } from './control.ts';
import { parseDeployFile } from './deploy-file.ts';
import { applyFilePlan, changesAnything, differenceInWords, planFile } from './file-plan.ts';
import type { Tools } from './tools.ts';

export function fileCases(tools: Tools): Pick<Control, 'applyFile'> {
  const { parts, changes } = tools;
  return {
    async applyFile(actor, name, text, { dryRun, wait }) {
      const file = parseDeployFile(text);
      if (dryRun) {
        const { difference } = await planFile(tools, await changes.usable(actor, name), file);
        return { ...difference, lines: differenceInWords(difference) };
      }
      const difference = await changes.make(actor, name, async (environment) => {
        const plan = await planFile(tools, environment, file);
        if (changesAnything(plan)) await applyFilePlan(tools, plan);
        const lines = differenceInWords(plan.difference);
        return {
          act: 'apply nightshift.yml',
          detail: lines.join('; ').slice(0, detailCharacters),
          result: { ...plan.difference, lines },
        };
      });
      if (wait) await parts.platform.settled(name);
      return difference;
    },
  };
}

/** Of an entry of the activity log. */
const detailCharacters = 2_000;

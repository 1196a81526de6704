/** Jobs written as a nightshift.yml: what {@link parseDeployFile} reads back as the same jobs. */
import { stringify } from 'yaml';
import { formatDuration } from '../domain/units.ts';
import type { FileJob } from './deploy-file.ts';
import { fileSettingNames, fileSettings } from './file-settings.ts';

/** @param variables names of those that the jobs need: a repository is no place for their values */
export function jobsAsFile(jobs: readonly FileJob[], variables: readonly string[] = []): string {
  const stated = Object.fromEntries(jobs.map((job) => [job.name, settingsOf(job)]));
  const note =
    variables.length === 0 ? '' : `# Variables are set with "nightshift env set": ${variables.join(', ')}\n`;
  return `${note}${stringify({ jobs: stated }, { lineWidth: 0, aliasDuplicateObjects: false })}`;
}

function settingsOf(job: FileJob): Record<string, unknown> {
  const settings: Record<string, unknown> = {};
  for (const name of fileSettingNames) {
    const { field, kind } = fileSettings[name];
    const value = job[field];
    if (value === undefined) continue;
    if (kind === 'flag') settings[name] = value === 'enabled';
    else if (value === null) settings[name] = kind === 'codes' ? 'any' : 'none';
    else if (kind === 'duration' || kind === 'limit') settings[name] = inWords(Number(value));
    else settings[name] = value;
  }
  return settings;
}

/** Exact: {@link formatDuration} leaves out what is smaller than its second unit. */
function inWords(seconds: number): string | number {
  const words = formatDuration(seconds).replaceAll(' ', '');
  const units = { s: 1, m: 60, h: 3600, d: 86_400 } as const;
  const sum = [...words.matchAll(/(\d+)([smhd])/g)].reduce(
    (total, [, amount, unit]) => total + Number(amount) * units[unit as keyof typeof units],
    0,
  );
  return sum === seconds ? words : seconds;
}

/** A job as nightshift.yml writes it; what is as usual is left out. */
import { formatDuration } from '../../../../src/contract/format.ts';
import type { Job } from '../../../../src/contract/job.ts';

type Line = readonly [
  key: string,
  value: string | number | boolean | null,
  usual: string | number | boolean | null,
];

export function jobYaml(job: Job): string {
  const duration = (seconds: number | null): string | null =>
    seconds === null ? null : formatDuration(seconds).replaceAll(' ', '');
  const lines: readonly Line[] = [
    ['type', job.type, null],
    ['command', job.command, null],
    ['enabled', job.status === 'enabled', true],
    ['every', job.interval, null],
    ['crontab', job.crontab, null],
    ['timezone', job.crontab === null ? null : job.timezone, 'UTC'],
    ['signal', job.exitSignal, 'TERM'],
    ['timeout', duration(job.exitTimeoutSeconds), '10s'],
    ['instances', job.type === 'worker' ? job.instances : null, 1],
    ['handover', job.handover, 'stop-first'],
    ['max_runtime', duration(job.maxRuntimeSeconds), '12h'],
    ['max_instances', job.maxInstances, 5],
    ['catch_up', job.catchUp, null],
    ['catch_up_max_age', duration(job.catchUpMaxAgeSeconds), '2d'],
    ['on_deploy', job.onDeploy, 'finish'],
    ['retries', job.retries, 0],
    ['retry_delay', job.retries ? duration(job.retryDelaySeconds) : null, '30s'],
    ['retry_on', job.retryOn === null ? null : `[${job.retryOn.join(', ')}]`, null],
    ['warn_late', duration(job.warnLateSeconds), null],
    ['warn_longer', duration(job.warnLongerSeconds), null],
    ['warn_shorter', duration(job.warnShorterSeconds), null],
  ];
  const told = lines
    .filter(([, value, usual]) => value !== null && value !== usual)
    .map(([key, value]) => `    ${key}: ${key === 'retry_on' ? value : scalar(value)}`);
  return ['jobs:', `  ${scalar(job.name)}:`, ...told, ''].join('\n');
}

/** Plain where YAML reads it back as the same text, else in single quotes. */
function scalar(value: string | number | boolean | null): string {
  if (typeof value !== 'string') return String(value);
  const plain =
    /^([A-Za-z./][^\n]*|(\d+[a-z]+)+)$/.test(value) &&
    !/: |:$| #|\s$|\t/.test(value) &&
    !/^(true|false|yes|no|on|off|null|y|n|\.inf|\.nan)$/i.test(value);
  if (plain) return value;
  // biome-ignore lint/suspicious/noControlCharactersInRegex: single quotes can't hold them
  return /[\u0000-\u001f]/.test(value) ? JSON.stringify(value) : `'${value.replaceAll("'", "''")}'`;
}

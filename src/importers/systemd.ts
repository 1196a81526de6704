/** systemd's services as workers, and its timers as crons. */
import {
  type Destination,
  Findings,
  type Imported,
  type ImportedJob,
  inOrder,
  type SourceFile,
} from './imported.ts';
import { JobNames } from './job-names.ts';
import { folderOf } from './places.ts';
import { withoutMarks } from './shell-text.ts';
import { type ServiceDraft, serviceOf } from './systemd-service.ts';
import { scheduleOf } from './systemd-timer.ts';
import { lastOf, readUnit, type UnitSetting } from './unit-file.ts';
import { type JobVariables, shareVariables, withVariables } from './variables.ts';

interface Unit {
  readonly file: SourceFile;
  readonly findings: Findings;
  readonly settings: readonly UnitSetting[];
  /** `mails` of `mails.service`. */
  readonly name: string;
  readonly kind: string;
}

/** Services, timers with their services, and the files of variables that services name. */
export function importSystemd(files: readonly SourceFile[], to: Destination): Imported {
  const units = files.filter(({ name }) => isUnit(name) || !isVariables(name, files)).map(unitOf);
  const services = units.filter(({ settings }) => settings.some(({ section }) => section === 'Service'));
  const names = new JobNames();
  const drafts: {
    draft: ServiceDraft;
    job: Partial<ImportedJob> & { type: ImportedJob['type'] };
    unit: Unit;
  }[] = [];
  const wanted: string[] = [];
  const timed = new Set<Unit>();
  let memoryBytes = 0;
  const service = (unit: Unit): ServiceDraft | null => {
    const draft = serviceOf(unit.settings, {
      to,
      findings: unit.findings,
      files,
      folder: folderOf(unit.file.name),
    });
    if (draft !== null) {
      wanted.push(...draft.wanted);
      memoryBytes += draft.memoryBytes;
    }
    return draft;
  };
  for (const timer of units.filter(({ settings }) => settings.some(({ section }) => section === 'Timer'))) {
    const stated = lastOf(timer.settings, 'Timer', 'Unit')?.value ?? `${timer.name}.service`;
    const path = `${folderOf(timer.file.name)}/${stated}`;
    const owned = services.find(
      (each) =>
        each.file.name === path || each.file.name.endsWith(`/${stated}`) || `${each.name}.service` === stated,
    );
    if (owned === undefined) {
      if (timer.file.name.startsWith('/')) wanted.push(path);
      timer.findings.note(
        1,
        `Unit=${stated}`,
        'left out',
        `there is no ${stated} beside it, which says what runs: name it as well`,
      );
      continue;
    }
    timed.add(owned);
    for (const schedule of scheduleOf(timer.settings, timer.findings, to.timezone)) {
      const draft = service(owned);
      if (draft !== null)
        drafts.push({ draft, unit: owned, job: { ...schedule, type: 'cron', ...draft.cron } });
    }
  }
  for (const unit of services) {
    if (timed.has(unit)) continue;
    if (lastOf(unit.settings, 'Service', 'Type')?.value === 'oneshot') {
      const timer = `${folderOf(unit.file.name)}/${unit.name}.timer`;
      if (unit.file.name.startsWith('/') && !files.some(({ name }) => name === timer)) wanted.push(timer);
      const { line = 1 } = lastOf(unit.settings, 'Service', 'Type') ?? {};
      unit.findings.note(
        line,
        'Type=oneshot',
        'left out',
        'it runs once and ends, and no timer of it was named: name its .timer as well, or run it with "nightshift exec"',
      );
      continue;
    }
    const draft = service(unit);
    if (draft !== null) drafts.push({ draft, unit, job: { type: 'worker' } });
  }
  const { shared, own } = shareVariables(
    drafts.map(({ draft }): JobVariables => ({ values: draft.variables })),
  );
  for (const [index, { draft, job, unit }] of drafts.entries()) {
    const command = withVariables(draft.command, own[index] ?? [], draft.simple);
    if (unit.findings.isTooLong(draft.line, command, command)) continue;
    const name = names.take(unit.name.replace(/@.*$/, ''), 'service');
    unit.findings.job(draft.line, { ...draft.settings, ...job, name, command });
  }
  return {
    jobs: units.flatMap(({ findings }) => findings.jobs),
    variables: shared,
    notes: inOrder(units.map(({ findings }) => findings)),
    wanted: [...new Set(wanted)].filter((path) => !files.some(({ name }) => name === path)),
    memoryBytes,
  };
}

const isUnit = (name: string): boolean => /\.(service|timer|socket|path|target)$/.test(name);

/** A file that a service names as its EnvironmentFile. */
const isVariables = (name: string, files: readonly SourceFile[]): boolean =>
  files.length > 1 &&
  files.some((each) => each.text.includes(name) || each.text.includes(name.replace(/^.*\//, '')));

function unitOf(file: SourceFile): Unit {
  const findings = new Findings(file.name);
  const settings = readUnit(withoutMarks(file.text), findings);
  const [, name = 'service', kind = ''] = /([^/]+?)(?:\.([a-z]+))?$/.exec(file.name) ?? [];
  const main = ['Service', 'Timer'].find((section) => settings.some((each) => each.section === section));
  if (main === undefined && settings.length > 0)
    findings.note(1, `[${settings[0]?.section}]`, 'left out', 'only services and timers become jobs');
  return { file, findings, settings, name, kind };
}

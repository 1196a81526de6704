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
import { withoutMarks } from './shell-text.ts';
import { type ServiceDraft, serviceOf } from './systemd-service.ts';
import { scheduleOf } from './systemd-timer.ts';
import { dropInPatterns, dropInsOf, isDropIn, unitFolder, unitOfDropIn } from './unit-drop-ins.ts';
import { inForce, lastOf, readUnit, type UnitSetting } from './unit-file.ts';
import { fillIn, type UnitName, unitName } from './unit-name.ts';
import { type JobVariables, shareVariables, withVariables } from './variables.ts';

interface Unit {
  readonly file: SourceFile;
  readonly findings: Findings;
  /** Its own and those of its drop-ins, as far as they are in force. */
  readonly settings: readonly UnitSetting[];
  readonly name: UnitName;
}

/** Services, timers with their services, what drop-ins change of them, and the files of variables that services name. */
export function importSystemd(files: readonly SourceFile[], to: Destination): Imported {
  const all = new Map(files.map((file) => [file, new Findings(file.name)]));
  const findingsOf = (file: SourceFile): Findings => all.get(file) as Findings;
  const units = files
    .filter((file) => isUnit(file.name) || (!isDropIn(file) && !isVariables(file.name, files)))
    .map((file) => unitOf(file, files, findingsOf));
  const services = units.filter(({ settings }) => settings.some(({ section }) => section === 'Service'));
  const names = new JobNames();
  const drafts: {
    draft: ServiceDraft;
    job: Partial<ImportedJob> & { type: ImportedJob['type'] };
    unit: Unit;
  }[] = [];
  const wanted: string[] = [];
  const timed = new Set<Unit>();
  const drafted = new Map<Unit, ServiceDraft | null>();
  /** Made once, so that nothing is told twice of a service that has several times. */
  const service = (unit: Unit): ServiceDraft | null => {
    const { file, findings, settings, name } = unit;
    const known = drafted.get(unit);
    if (known !== undefined) return known;
    const draft = serviceOf(settings, { to, findings, files, folder: unitFolder(file.name), name });
    drafted.set(unit, draft);
    wanted.push(...(draft?.wanted ?? []));
    return draft;
  };
  for (const timer of units.filter(({ settings }) => settings.some(({ section }) => section === 'Timer'))) {
    const stated = ownedBy(timer);
    if (stated === null) continue;
    const path = `${unitFolder(timer.file.name)}/${stated}`;
    const owned = services.find(
      ({ file, name }) =>
        file.name === path || file.name.endsWith(`/${stated}`) || `${name.stem}.service` === stated,
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
      const timer = `${unitFolder(unit.file.name)}/${unit.name.stem}.timer`;
      if (unit.file.name.startsWith('/') && !files.some(({ name }) => name === timer)) wanted.push(timer);
      const { line = 1, findings = unit.findings } = lastOf(unit.settings, 'Service', 'Type') ?? {};
      findings.note(
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
    if (draft.findings.isTooLong(draft.line, command, command)) continue;
    const name = names.take(unit.name.stem, 'service');
    draft.findings.job(draft.line, { ...draft.settings, ...job, name, command });
  }
  wanted.push(...dropInsWithoutUnit(files, units, findingsOf));
  const gathered = [...all.values()];
  return {
    jobs: gathered.flatMap(({ jobs }) => jobs),
    variables: shared,
    notes: inOrder(gathered),
    wanted: [...new Set(wanted)].filter((path) => !files.some(({ name }) => name === path)),
    optional: units.flatMap(({ file, name }) =>
      file.name.startsWith('/') ? dropInPatterns(file.name, name) : [],
    ),
    memoryBytes: drafts.reduce((sum, { draft }) => sum + draft.memoryBytes, 0),
  };
}

/** The service that a timer starts; null where the name can't be known, which is noted. */
function ownedBy({ settings, name }: Unit): string | null {
  const stated = lastOf(settings, 'Timer', 'Unit');
  if (stated === undefined) return `${name.stem}.service`;
  const filled = fillIn(stated.value, name);
  if ('text' in filled) return filled.text;
  stated.findings.note(
    stated.line,
    `Unit=${stated.value}`,
    'left out',
    `${filled.unknown} is filled in by systemd: write what it stands for, and import again`,
  );
  return null;
}

/** Notes drop-ins that change nothing which was named, and answers the units that they ask for. */
function dropInsWithoutUnit(
  files: readonly SourceFile[],
  units: readonly Unit[],
  findingsOf: (file: SourceFile) => Findings,
): string[] {
  const used = new Set(units.flatMap(({ file, name }) => dropInsOf(file.name, name, files)));
  const wanted: string[] = [];
  for (const file of files.filter((each) => isDropIn(each) && !used.has(each))) {
    const unit = unitOfDropIn(file);
    if (unit?.startsWith('/')) wanted.push(unit);
    findingsOf(file).note(
      1,
      file.name.replace(/^.*\/([^/]+\/[^/]+)$/, '$1'),
      'left out',
      `it changes a unit that was not named: name ${unit === null ? 'the unit' : unit.replace(/^.*\//, '')} as well`,
    );
  }
  return wanted;
}

const isUnit = (name: string): boolean => /\.(service|timer|socket|path|target)$/.test(name);

/** A file that a service names as its EnvironmentFile. */
const isVariables = (name: string, files: readonly SourceFile[]): boolean =>
  files.length > 1 &&
  files.some((each) => each.text.includes(name) || each.text.includes(name.replace(/^.*\//, '')));

function unitOf(
  file: SourceFile,
  files: readonly SourceFile[],
  findingsOf: (file: SourceFile) => Findings,
): Unit {
  const [name, findings] = [unitName(file.name), findingsOf(file)];
  const all = [file, ...dropInsOf(file.name, name, files)].flatMap((each) =>
    readUnit(withoutMarks(each.text), findingsOf(each)),
  );
  const settings = inForce(all);
  const main = ['Service', 'Timer'].find((section) => settings.some((each) => each.section === section));
  if (main === undefined && settings.length > 0)
    findings.note(1, `[${settings[0]?.section}]`, 'left out', 'only services and timers become jobs');
  return { file, findings, settings, name };
}

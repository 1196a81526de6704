/** Jobs from files of other programs, and back: `nightshift import` and `export`. */
import type { Environment } from '../domain/environment.ts';
import { Refusal } from '../domain/errors.ts';
import { enabledPlaces } from '../domain/job.ts';
import { limits } from '../domain/limits.ts';
import { memoryPerJobBytes, smallestPlan } from '../domain/plan.ts';
import { exportJobs } from '../importers/export-jobs.ts';
import { type Imported, importFiles, type Note } from '../importers/import-files.ts';
import type { Control } from './control.ts';
import {
  applyFilePlan,
  changesAnything,
  checkRoom,
  differenceInWords,
  draftPlan,
  type FilePlan,
} from './file-plan.ts';
import type { ImportInput, ImportView, PlanProposal } from './import-view.ts';
import { jobsAsFile } from './jobs-as-file.ts';
import type { Tools } from './tools.ts';
import { bookedPlan } from './wishes.ts';

export function importCases(tools: Tools): Pick<Control, 'importJobs' | 'exportJobs'> {
  const { parts, changes } = tools;
  return {
    async exportJobs(actor, name, format) {
      const { root, user } = await changes.known(actor, name);
      const variables = Object.keys(await parts.store.variables(name));
      return exportJobs(format, await parts.store.jobs(name), { environment: name, root, user, variables });
    },

    async importJobs(actor, name, input, { dryRun, wait }) {
      if (dryRun) {
        const look = await looked(tools, await changes.usable(actor, name), input);
        return viewOf(tools, look);
      }
      const view = await changes.make(actor, name, async (environment) => {
        const look = await looked(tools, environment, input);
        if (look.imported.jobs.length === 0) throw nothingIn(input, look.imported.notes);
        checkRoom(tools, look.plan);
        if (changesAnything(look.plan)) await applyFilePlan(tools, look.plan);
        const result = viewOf(tools, look);
        const detail = `${input.format}: ${result.lines.join('; ')}`.slice(0, detailCharacters);
        return { act: 'import jobs', detail, result };
      });
      if (wait) await parts.platform.settled(name);
      return view;
    },
  };
}

/** Of an entry of the activity log. */
const detailCharacters = 2_000;

interface Look {
  readonly imported: Imported;
  readonly plan: FilePlan;
  readonly notes: readonly Note[];
}

/** What the files hold, and what importing it would change now. */
async function looked(tools: Tools, environment: Environment, input: ImportInput): Promise<Look> {
  const { name, root, user } = environment;
  const to = { environment: name, root, user, timezone: input.timezone };
  const imported = importFiles(input.format, input.files, to);
  const { variables, notes } = await newVariables(tools, name, imported);
  const plan = await draftPlan(tools, environment, {
    imported: true,
    jobs: imported.jobs,
    plan: input.plan,
    variables,
  });
  return { imported, plan, notes: [...imported.notes, ...notes] };
}

/** Variables that the environment does not have yet. One that it has with another value stays: other jobs rely on it. */
async function newVariables(
  { parts }: Tools,
  environment: string,
  imported: Imported,
): Promise<{ variables: Record<string, string>; notes: Note[] }> {
  const now = await parts.store.variables(environment);
  const variables: Record<string, string> = {};
  const notes: Note[] = [];
  for (const [name, value] of Object.entries(imported.variables)) {
    if (!Object.hasOwn(now, name)) variables[name] = value;
    else if (now[name] !== value) {
      const { file = '', line = 0 } = imported.jobs[0] ?? {};
      const sentence = `"${environment}" has the variable already, with another value, which stays: "nightshift env set" changes it for all jobs`;
      notes.push({ file, line, directive: name, fate: 'left out', sentence });
    }
  }
  if (Object.keys(now).length + Object.keys(variables).length > limits.variablesPerEnvironment)
    throw new Refusal('variable.too-many', { limit: limits.variablesPerEnvironment });
  return { variables, notes };
}

function nothingIn({ files, format }: ImportInput, notes: readonly Note[]): Refusal {
  const [first] = notes;
  const why = first === undefined ? `is it a ${format} file?` : `line ${first.line}: ${first.sentence}`;
  return new Refusal('import.nothing', { file: files[0]?.name ?? format, why });
}

function viewOf(tools: Tools, { imported, plan, notes }: Look): ImportView {
  const { difference, variables } = plan;
  const names = Object.keys(variables);
  return {
    ...difference,
    variables: names,
    notes,
    wanted: imported.wanted,
    optional: imported.optional,
    lines: [...differenceInWords(difference), ...names.map((name) => `variable set: ${name}`)],
    proposal: proposalFor(tools, plan, imported.memoryBytes),
    refused: refusalOf(tools, plan),
    file: jobsAsFile(imported.jobs, names),
  };
}

/** Null while what is booked, or will be, is large enough. */
function proposalFor(tools: Tools, plan: FilePlan, memoryBytes: number): PlanProposal | null {
  const jobs = enabledPlaces(plan.after);
  const needed = Math.max(memoryBytes, jobs * memoryPerJobBytes);
  const booked = bookedPlan(tools.parts.plans, plan.environment);
  if (booked !== null && booked.jobs >= jobs && booked.memoryBytes >= needed) return null;
  const fitting = smallestPlan(tools.parts.plans, jobs, memoryBytes);
  return { plan: fitting?.name ?? null, jobs, memoryBytes: needed };
}

function refusalOf(tools: Tools, plan: FilePlan): string | null {
  try {
    checkRoom(tools, plan);
    return null;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    throw error;
  }
}

import { isMap, isScalar, isSeq, LineCounter, type Node, parseDocument, type YAMLMap } from 'yaml';
import { Refusal } from '../domain/errors.ts';
import { cpuOfMemory, megabyte, memoryPerJobBytes, type Plan } from '../domain/plan.ts';
import { formatPlanSize, parseSize } from '../domain/units.ts';

const keys = ['name', 'memory', 'jobs', 'cpu', 'soft_limit_per_job'] as const;
type Key = (typeof keys)[number];

/** More is not a choice any more. */
const plansMax = 100;
const cpuMax = 1024;
const memoryMaxBytes = 16 * 1024 * 1024 * megabyte;

/** Says what is wrong in which line. */
type Refuse = (node: unknown, why: string) => never;

/**
 * Reads an operator's plans.yml: `plans: [{name, memory: 128MB, jobs: 1, cpu?, soft_limit_per_job?}]`.
 * CPU is linear with memory where it is not given. Throws Refusal `plans.file` that names line and field.
 */
export function parsePlans(text: string): Plan[] {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, stringKeys: true });
  const refuse: Refuse = (node, why) => {
    const at = (node as Node | null | undefined)?.range?.[0];
    const where = at === undefined ? '' : `line ${lines.linePos(at).line}: `;
    throw new Refusal('plans.file', { why: `${where}${why}` });
  };
  const [error] = document.errors;
  if (error !== undefined) {
    const line = error.linePos?.[0].line ?? lines.linePos(error.pos[0]).line;
    throw new Refusal('plans.file', {
      why: `line ${line}: ${error.message.split('\n')[0]?.replace(/ at line .*$/, '')}`,
    });
  }
  const root = document.contents;
  if (!isMap(root)) return refuse(root, 'it must begin with "plans:"');
  for (const pair of root.items) {
    if (wordOf(pair.key) !== 'plans')
      refuse(pair.key, `"${wordOf(pair.key)}" is not known here: it holds "plans" only`);
  }
  const list = root.get('plans', true) as unknown;
  if (!isSeq(list) || list.items.length === 0)
    return refuse(list ?? root, '"plans" must list one plan at least');
  if (list.items.length > plansMax) refuse(list, `"plans" lists more than ${plansMax} plans`);
  const plans: Plan[] = [];
  for (const item of list.items) {
    if (!isMap(item)) return refuse(item, 'each plan is written as {name: M, memory: 512MB, jobs: 4}');
    const plan = planOf(item, refuse);
    if (plans.some((each) => each.name.toLowerCase() === plan.name.toLowerCase()))
      refuse(item, `plan "${plan.name}" is there twice`);
    plans.push(plan);
  }
  return plans;
}

const wordOf = (node: unknown): string => String(isScalar(node) ? node.value : node);

function planOf(map: YAMLMap, refuse: Refuse): Plan {
  for (const { key } of map.items) {
    if (!(keys as readonly string[]).includes(wordOf(key)))
      refuse(key, `"${wordOf(key)}" is not a setting of a plan: use ${keys.join(', ')}`);
  }
  const name = planName(map, refuse);
  const memoryBytes = sizeOf(map, 'memory', name, refuse) ?? missing(map, 'memory', name, refuse);
  const jobs = numberOf(map, 'jobs', name, refuse) ?? missing(map, 'jobs', name, refuse);
  if (!Number.isInteger(jobs) || jobs < 1)
    refuse(map.get('jobs', true), `the jobs of plan "${name}" must be a whole number from 1`);
  if (memoryBytes < jobs * memoryPerJobBytes) {
    const needed = formatPlanSize(jobs * memoryPerJobBytes);
    refuse(
      map.get('memory', true),
      `plan "${name}" has ${formatPlanSize(memoryBytes)} and its ${jobs} jobs need ${needed} (128 MB each)`,
    );
  }
  const cpu = numberOf(map, 'cpu', name, refuse) ?? cpuOfMemory(memoryBytes);
  if (!(cpu >= 0.01 && cpu <= cpuMax))
    refuse(map.get('cpu', true), `the cpu of plan "${name}" must be between 0.01 and ${cpuMax}`);
  const softLimitPerJobBytes = sizeOf(map, 'soft_limit_per_job', name, refuse) ?? null;
  return { name, memoryBytes, jobs, cpu, softLimitPerJobBytes };
}

function planName(map: YAMLMap, refuse: Refuse): string {
  const node = map.get('name', true);
  const name = isScalar(node) ? node.value : undefined;
  // 2 and 1e3 are numbers to YAML; as they were written they are names as well.
  const text = typeof name === 'number' && isScalar(node) ? (node.source ?? String(name)) : name;
  if (typeof text !== 'string' || !/^[A-Za-z0-9][A-Za-z0-9._-]{0,31}$/.test(text))
    return refuse(node ?? map, 'each plan needs a "name" of up to 32 letters, digits, ".", "_" and "-"');
  return text;
}

const missing = (map: YAMLMap, key: Key, plan: string, refuse: Refuse): never =>
  refuse(map, `plan "${plan}" has no "${key}"`);

function sizeOf(map: YAMLMap, key: Key, plan: string, refuse: Refuse): number | undefined {
  if (!map.has(key)) return undefined;
  const node = map.get(key, true);
  const text = wordOf(node);
  // A bare number would be taken for bytes where megabytes were meant.
  const bytes = /[A-Za-z]/.test(text) ? parseSize(text) : undefined;
  if (bytes === undefined || bytes < megabyte || bytes > memoryMaxBytes)
    return refuse(node, `the ${key} of plan "${plan}" is "${text}" and must be a size such as 512MB or 1GB`);
  return bytes;
}

function numberOf(map: YAMLMap, key: Key, plan: string, refuse: Refuse): number | undefined {
  if (!map.has(key)) return undefined;
  const node = map.get(key, true);
  const value: unknown = isScalar(node) ? node.value : undefined;
  if (typeof value !== 'number' || !Number.isFinite(value))
    return refuse(node, `the ${key} of plan "${plan}" is "${wordOf(node)}" and must be a number`);
  return value;
}

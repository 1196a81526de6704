/** What this machine can do, what is missing, and the command that mends it. */
import { access, constants } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Finding, StoreAddress } from '../cli/local.ts';
import { Refusal } from '../domain/errors.ts';
import { gitVersion } from '../git/git-version.ts';
import { probeContainerRuntime } from '../runtimes/container/probe.ts';

export async function doctor(options: {
  readonly data: string;
  readonly store: StoreAddress | null;
}): Promise<readonly Finding[]> {
  const container = await probeContainerRuntime({ dataFolder: options.data, instance: 'doctor' });
  const works = container.every((finding) => finding.ok);
  return [
    nodeVersion(),
    await dataFolder(options.data),
    await store(options.store),
    ...container.map(
      (finding): Finding => ({
        subject: finding.name,
        state: finding.ok ? 'ok' : 'limited',
        sentence: finding.says,
        remedy: finding.mend ?? null,
      }),
    ),
    gitFinding(await gitVersion()),
    {
      subject: 'runtime',
      state: works ? 'ok' : 'limited',
      sentence: works
        ? '"--runtime auto" takes containers'
        : '"--runtime auto" takes plain processes: no isolation, no limits, jobs end with the daemon',
      remedy: works ? null : 'mend what is limited above',
    },
  ];
}

export const gitFinding = (version: string | null): Finding => ({
  subject: 'git',
  state: version === null ? 'limited' : 'ok',
  sentence:
    version === null
      ? 'not found: nothing can be pushed or cloned; "nightshift deploy", deploy hooks and "apply" work without'
      : `git ${version}`,
  remedy: version === null ? 'apt-get install git' : null,
});

function nodeVersion(): Finding {
  const recent = Number(process.versions.node.split('.')[0]) >= 24;
  return {
    subject: 'node',
    state: recent ? 'ok' : 'missing',
    sentence: `Node ${process.versions.node}${recent ? '' : ' is too old'}`,
    remedy: recent ? null : 'install Node 24 or newer; in a checkout, run script/bootstrap',
  };
}

async function store(place: StoreAddress | null): Promise<Finding> {
  const finding = (state: Finding['state'], sentence: string, remedy: string | null = null): Finding => ({
    ...{ subject: 'store', state, sentence, remedy },
  });
  if (place === null)
    return finding('ok', 'files in the data folder; PostgreSQL instead with --store or NIGHTSHIFT_STORE');
  try {
    const { lookAtPostgres } = await import('../store/postgres/look.ts');
    return finding('ok', await lookAtPostgres(place.address));
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const [sentence = '', remedy] = error.message.split(/: (.*)/s);
    return finding('missing', sentence, remedy ?? null);
  }
}

/** The folder itself, or the nearest one above it that is there. */
async function dataFolder(path: string): Promise<Finding> {
  for (let folder = path; ; folder = dirname(folder)) {
    try {
      await access(folder, constants.W_OK | constants.X_OK);
      const made = folder === path ? 'can be written' : `can be made in ${folder}`;
      return { subject: 'data folder', state: 'ok', sentence: `${path} ${made}`, remedy: null };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT' && folder !== dirname(folder)) continue;
      return {
        subject: 'data folder',
        state: 'missing',
        sentence: `${folder} can't be written`,
        remedy: 'choose another with --data, or run as its owner',
      };
    }
  }
}

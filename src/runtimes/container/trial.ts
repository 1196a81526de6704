import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../domain/clock.ts';
import type { RunSpec } from '../runtime.ts';
import { type BundleParts, prepareBundle } from './bundle.ts';
import { type CleanupParts, removeRun } from './cleanup.ts';
import { runCommand } from './command.ts';
import { removeRoots } from './host-root.ts';
import { complaint, type OciRuntime } from './oci-runtime.ts';
import { containerId } from './state-folder.ts';

export interface Trial {
  readonly ok: boolean;
  /** One sentence. */
  readonly says: string;
  readonly milliseconds: number;
}

/** No environment can have this name: it is no DNS label. */
const trialEnvironment = '_trial';
const code = 7;
const nobody = { name: 'nobody', uid: 65_534, gid: 65_534, home: '/' };

/** Lets a container with all our walls run a shell that ends with a code, and looks whether that comes back. */
export async function tryOut(
  parts: BundleParts & CleanupParts & { readonly clock: Clock },
  oci: OciRuntime,
): Promise<Trial> {
  const { state, clock } = parts;
  const began = clock.monotonic();
  const root = join(state.path, 'trial');
  const runId = `trial-${oci.name}-${process.pid}`;
  const spec: RunSpec = {
    runId,
    environment: trialEnvironment,
    job: 'trial',
    argv: ['/bin/sh', '-c', `exit ${code}`],
    root,
    user: nobody,
    variables: {},
    softLimitBytes: null,
    output: { kind: 'attached', terminal: null },
  };
  try {
    mkdirSync(root, { recursive: true, mode: 0o755 });
    const bundle = prepareBundle(parts, spec, 0);
    const words = [`--root=${state.ociRoot}`, 'run', `--bundle=${bundle.folder}`, containerId(runId)];
    const result = await runCommand(clock, oci.path, words, 10_000);
    const milliseconds = clock.monotonic() - began;
    if (result.code === code) {
      return { ok: true, says: `a container ran in ${Math.round(milliseconds)} ms`, milliseconds };
    }
    return { ok: false, says: `${oci.name} can't run a container: ${complaint(result)}`, milliseconds };
  } catch (error) {
    const says = `a container can't be prepared: ${(error as Error).message}`;
    return { ok: false, says, milliseconds: clock.monotonic() - began };
  } finally {
    await removeRun({ ...parts, oci }, trialEnvironment, runId);
    parts.cgroup.removeEnvironment(trialEnvironment);
    removeRoots(state.roots, trialEnvironment);
    rmSync(root, { recursive: true, force: true });
  }
}

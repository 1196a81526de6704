/** Remote commands: run once, attached to whoever asked, and gone with the connection. */
import type { Run } from '../../domain/run.ts';
import type { EnvironmentWish, ExecRequest, Execution } from '../platform.ts';
import { endGracefully } from './graceful-end.ts';
import { newRun } from './new-run.ts';
import type { LocalParts } from './parts.ts';
import { specOf } from './run-spec.ts';

const manners = { exitSignal: 'TERM', exitTimeoutSeconds: 10 } as const;

/** Starts the command in the environment's container. Rejects with a StartFailure. */
export async function execute(
  parts: LocalParts,
  wish: EnvironmentWish,
  request: ExecRequest,
): Promise<Execution> {
  const { runs, clock } = parts;
  const command = typeof request.command === 'string' ? request.command : request.command.join(' ');
  const { deployment } = request;
  // What a deployment runs finds the new code already, which becomes the environment's only when all went well.
  const on = deployment === undefined ? wish : { ...wish, commit: deployment.commit };
  const run = newRun(on, {
    id: parts.newRunId(),
    job: null,
    kind: 'remote',
    command,
    trigger: deployment === undefined ? 'remote' : 'deploy',
    createdAt: clock.wall(),
  });
  let cancelLimit = (): void => undefined;
  let over = false;
  const ended = Promise.withResolvers<Run>();
  ended.promise.catch(() => undefined);
  const user = await parts.resolveUser(wish.environment.user);
  const started = await runs.beginAttached({
    run,
    dueTime: null,
    owner: {
      started: () => undefined,
      startFailed: (_runId, sentence) => ended.reject(new Error(sentence)),
      ended: (run) => {
        over = true;
        cancelLimit();
        ended.resolve(run);
      },
    },
    spec: (_logPath) =>
      specOf(
        wish,
        run,
        request.command,
        user,
        { kind: 'attached', terminal: request.terminal },
        request.variables,
      ),
  });
  const { streams } = started;
  if (streams === null) throw new Error(`the runtime gave run ${run.id} no streams`);
  // A short command may have ended by now: a limit that nobody cancels would keep the daemon alive.
  if (!over)
    cancelLimit = clock.after(request.maxRuntimeSeconds * 1000, () =>
      endGracefully(runs, clock, run.id, 'max-runtime', manners),
    );
  return {
    runId: run.id,
    stdin: streams.stdin,
    stdout: streams.stdout,
    stderr: streams.stderr,
    ended: ended.promise,
    signal: async (signal) => runs.signal(run.id, signal),
    resize: (size) => streams.resize(size),
    hangUp: async () => {
      if (runs.get(run.id) === undefined) return;
      runs.kill(run.id, 'connection');
      await ended.promise;
    },
  };
}

/** The commands of a deployment: each once, inside the environment's container, one after the other. */
import { StringDecoder } from 'node:string_decoder';
import { Refusal } from '../domain/errors.ts';
import type { Run } from '../domain/run.ts';
import type { Execution } from '../platforms/platform.ts';
import type { DeployFile } from './deploy-file.ts';
import { deployKeyVariables } from './deploy-key.ts';
import type { DeploymentRecord } from './deployment-record.ts';
import type { ControlParts } from './parts.ts';
import { orUnavailable } from './platform-failure.ts';

/** A line without an end is told in pieces of this length. */
const lineCharacters = 8_192;

/**
 * Rejects with Refusal `deploy.command-failed`, or `deploy.interrupted` when the signal is aborted: then the command that
 * runs is ended.
 */
export async function runCommands(
  { store, platform, clock }: Pick<ControlParts, 'store' | 'platform' | 'clock'>,
  record: DeploymentRecord,
  { commands, commandsSeconds }: DeployFile,
  signal: AbortSignal,
): Promise<void> {
  const { environment, commit } = record.deployment;
  const variables = deployKeyVariables(await store.deployKey(environment));
  const until = clock.monotonic() + commandsSeconds * 1000;
  for (const command of commands) {
    throwIfInterrupted(signal);
    record.say(`$ ${command}`);
    const left = (until - clock.monotonic()) / 1000;
    if (left <= 0) throw new Refusal('deploy.command-failed', { command, why: tooLong(commandsSeconds) });
    const execution = await orUnavailable(
      environment,
      platform.exec(environment, {
        command,
        terminal: null,
        maxRuntimeSeconds: left,
        deployment: { commit },
        variables,
      }),
    );
    const run = await followed(execution, record, signal);
    throwIfInterrupted(signal);
    if (run.outcome === 'ok') continue;
    const why = run.outcome === 'timed-out' ? tooLong(commandsSeconds) : (run.reason ?? String(run.outcome));
    throw new Refusal('deploy.command-failed', { command, why });
  }
}

const tooLong = (seconds: number): string =>
  `the commands of a deployment may take ${seconds} s together, and have`;

export function throwIfInterrupted(signal: AbortSignal): void {
  if (signal.aborted) throw new Refusal('deploy.interrupted');
}

/** Resolves when the command has ended and all that it printed was said. */
async function followed(execution: Execution, record: DeploymentRecord, signal: AbortSignal): Promise<Run> {
  const hangUp = (): void => void execution.hangUp().catch(() => undefined);
  signal.addEventListener('abort', hangUp, { once: true });
  if (signal.aborted) hangUp();
  execution.stdin.end();
  const said = [execution.stdout, execution.stderr].map((stream) => sayLines(stream, record));
  try {
    const run = await execution.ended;
    await Promise.all(said);
    return run;
  } finally {
    signal.removeEventListener('abort', hangUp);
  }
}

async function sayLines(stream: NodeJS.ReadableStream, record: DeploymentRecord): Promise<void> {
  const decoder = new StringDecoder('utf8');
  let rest = '';
  for await (const chunk of stream) {
    rest += typeof chunk === 'string' ? chunk : decoder.write(chunk as Buffer);
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) record.say(lastState(line));
    while (rest.length > lineCharacters) {
      record.say(rest.slice(0, lineCharacters));
      rest = rest.slice(lineCharacters);
    }
  }
  rest += decoder.end();
  if (rest !== '') record.say(lastState(rest));
}

/** Of a line that was drawn over and over, such as a progress bar, what stands there in the end. */
const lastState = (line: string): string => {
  const ended = line.endsWith('\r') ? line.slice(0, -1) : line;
  return ended.slice(ended.lastIndexOf('\r') + 1);
};

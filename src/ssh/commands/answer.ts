/** From what was asked to who answers it. */
import type { Actor } from '../../control/control.ts';
import { Refusal } from '../../domain/errors.ts';
import type { Asked } from '../asked.ts';
import { type Ended, linesFor, type SessionIo } from '../session-io.ts';
import type { SshParts } from '../ssh-server.ts';
import { showDeployKey, showHelp, showJobs } from './pages.ts';
import { runCommand } from './remote-command.ts';
import { tail } from './tail.ts';

const well: Ended = { code: 0, signal: null };

/** Rejects with a Refusal, which is told to the client. */
export async function answer(parts: SshParts, actor: Actor, asked: Asked, io: SessionIo): Promise<Ended> {
  switch (asked.kind) {
    case 'help':
      showHelp(parts, io);
      return well;
    case 'jobs':
      await showJobs(parts, actor, asked.json, io);
      return well;
    case 'reset':
      await parts.control.resetStatistics(actor, io.environment);
      io.stdout.write(linesFor(io, `the counters of "${io.environment}" begin anew\n`));
      return well;
    case 'keygen':
      await showDeployKey(parts, actor, io);
      return well;
    case 'tail':
      await tail(parts, actor, asked, io);
      return well;
    case 'git':
      return { code: await serveGit(parts, actor, asked, io), signal: null };
    case 'file-transfer':
      throw new Refusal('ssh.no-file-transfer');
    case 'command':
      return await runCommand(parts, actor, asked.line, io);
  }
}

async function serveGit(
  parts: SshParts,
  actor: Actor,
  asked: Extract<Asked, { kind: 'git' }>,
  io: SessionIo,
): Promise<number> {
  if (parts.gitService === undefined) throw new Refusal('ssh.no-git');
  return await parts.gitService({
    actor,
    environment: io.environment,
    service: asked.service,
    path: asked.path,
    protocol: io.gitProtocol,
    stdin: io.stdin,
    stdout: io.stdout,
    stderr: io.stderr,
    signal: io.left,
  });
}

/** Whether the daemon's end is that of the machine: jobs outlive the one and not the other. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';

/** systemd answers at once, or is busy with its own end. */
const answersWithinMs = 5_000;

/**
 * True while systemd takes the machine down. Jobs are ended with the daemon then, each by its exit signal, as long as the network
 * and the databases are there; systemd itself would end them after those. False where there is no systemd to ask.
 */
export async function machineGoesDown(
  systemctl = 'systemctl',
  bootedBySystemd = '/run/systemd/system',
): Promise<boolean> {
  if (!existsSync(bootedBySystemd)) return false;
  return await new Promise((resolve) => {
    // Its exit code is 0 for a machine that is `running`, and for no other.
    execFile(systemctl, ['is-system-running'], { timeout: answersWithinMs }, (_error, stdout) =>
      resolve(stdout.trim() === 'stopping'),
    );
  });
}

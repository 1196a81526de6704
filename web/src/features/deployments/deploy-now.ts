import type { Environment } from '../../../../src/contract/environment.ts';
import { confirm } from '../../design/confirm.tsx';
import { act } from '../../parts/act.ts';

/** Restarts the workers for code that came another way than by git push; asks first. */
export async function deployNow({ name, workersRunning }: Environment): Promise<void> {
  const workers = workersRunning === 1 ? '1 worker' : `${workersRunning} workers`;
  const yes = await confirm({
    title: `Deploy ${name}?`,
    text: `Restarts ${workers} gracefully, so that they run the code that lies in the root folder now. Crons that run go on, and their next run has it.`,
    button: 'Deploy',
  });
  if (!yes) return;
  await act(
    'deploy',
    { params: { environment: name }, query: { wait: 'false' }, body: { trigger: 'dashboard' } },
    `${name} is being deployed.`,
  );
}

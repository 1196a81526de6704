/** A deployment in words. */
import type { Deployment } from '../../../../src/contract/deployment.ts';
import { Badge } from '../../design/badge.tsx';

export const triggerWords: Record<Deployment['trigger'], string> = {
  cli: 'the command line',
  dashboard: 'the dashboard',
  git: 'git push',
  hook: 'the deploy hook',
};

export const stepWords: Record<Deployment['state'], string> = {
  queued: 'waited for its turn',
  received: 'looked at what came',
  checked: 'checked tree and nightshift.yml',
  laying: 'laid the files into the root',
  commands: 'ran the deploy commands',
  undoing: 'put the old files back',
  restarting: 'restarted the jobs',
  done: 'done',
  failed: 'failed',
  undone: 'undone',
};

export function DeploymentBadge({ deployment }: { readonly deployment: Deployment }) {
  const { outcome, state } = deployment;
  if (outcome === null)
    return (
      <Badge tone="accent" shape="half" busy>
        under way
      </Badge>
    );
  const word = outcome === 'ok' ? 'done' : state === 'undone' ? 'failed, undone' : 'failed';
  return (
    <Badge tone={outcome === 'ok' ? 'good' : 'bad'} shape={outcome === 'ok' ? 'dot' : 'cross'}>
      {word}
    </Badge>
  );
}

/** The key that an environment shows to others, such as a host of private repositories. */
import type { DeployKey } from '../store/store.ts';

/**
 * Lets git and what calls it (composer, npm) show the key: git asks for its ssh through GIT_SSH_COMMAND, whose words the
 * shell reads. The key lies in a file of the run's own for as long as ssh takes. A host that was not met before is taken as it is.
 */
export const deployKeyVariables = (key: DeployKey | undefined): Readonly<Record<string, string>> =>
  key === undefined
    ? {}
    : {
        NIGHTSHIFT_DEPLOY_KEY: key.privateKey,
        GIT_SSH_VARIANT: 'ssh',
        GIT_SSH_COMMAND: [
          'with_key() { key=$(mktemp) && printf "%s" "$NIGHTSHIFT_DEPLOY_KEY" >"$key" &&',
          'ssh -i "$key" -o IdentitiesOnly=yes -o StrictHostKeyChecking=accept-new -o LogLevel=ERROR',
          '-o UserKnownHostsFile="$HOME/.ssh/known_hosts" "$@"; status=$?; rm -f "$key"; return $status; }; with_key',
        ].join(' '),
      };

/** What is refused about deployments, nightshift.yml, deploy hooks and git; part of the catalogue in `errors.ts`. */
import { type Entry, entry } from './error-entry.ts';

export const deployErrors = {
  'deploy.file': entry(422, (p) => `nightshift.yml can't be used: ${p.why}`),
  'deploy.tree': entry(422, (p) => `this tree can't be deployed: ${p.why}`),
  'deploy.root': entry(409, (p) => `the code can't be laid into ${p.root}: ${p.why}`),
  'deploy.commit-unknown': entry(
    404,
    (p) => `there is no commit ${p.commit} in the repository of "${p.environment}": push it first`,
  ),
  'deploy.command-failed': entry(
    422,
    (p) => `the deployment was undone, because "${p.command}" failed: ${p.why}`,
  ),
  'deploy.interrupted': entry(
    409,
    () => 'the deployment was broken off, because the push was interrupted: push again',
  ),
  'deploy.branch-removed': entry(
    409,
    (p) =>
      `the branch ${p.branch} is the one that is deployed, and can't be removed: push another commit to it`,
  ),
  'deploy.not-booked': entry(
    409,
    (p) =>
      `deploy.commands run inside the jobs component, and "${p.environment}" has none: book one with "nightshift book ${p.environment} M", or name a plan in nightshift.yml`,
  ),
  'deploy.failed': entry(500, (p) => `the deployment failed, and nothing was changed: ${p.why}`),
  'deployment.unknown': entry(
    404,
    (p) =>
      `there is no deployment "${p.deployment}" in "${p.environment}": see "nightshift deployments ${p.environment}"`,
  ),
  'hook.unknown': entry(404, () => 'there is no such deploy hook: ask for its present address'),
  'hook.method': entry(400, () => 'a deploy hook is called by POST: curl -X POST ADDRESS'),
  'hook.none': entry(
    404,
    (p) => `"${p.environment}" has no deploy hook: make one with "nightshift hook rotate ${p.environment}"`,
  ),
  'hook.too-often': entry(429, (p) => `${p.limit} calls in a minute are enough: try again in a minute`),
  'job.managed': entry(
    409,
    (p) =>
      `"${p.job}" is managed by ${p.file}: change it there and deploy, or use --force for a change that holds until the next deployment`,
  ),
  'git.service': entry(403, (p) => `"${p.service}" is not offered here: use git clone, fetch or push`),
  'git.missing': entry(
    503,
    (p) => `git can't be run on this machine (${p.why}): install it ("apt-get install git")`,
  ),
  'git.push-too-large': entry(
    413,
    (p) => `the push is larger than ${p.limit}: keep large files out of the repository`,
  ),
  'git.file-too-large': entry(
    413,
    (p) =>
      `"${p.file}" has ${p.size}, and ${p.limit} is the limit: take it out of the commits that are pushed`,
  ),
  'git.limit': entry(
    422,
    (p) => `${p.option} takes a size from 1KB to 2GB, such as 512MB, and "${p.size}" is none`,
  ),
  'git.repository-full': entry(
    413,
    (p) =>
      `the repository of "${p.environment}" holds ${p.size}, and ${p.limit} is the limit: begin a new history without large files, and ask an operator to remove the old one`,
  ),
} as const satisfies Record<string, Entry>;

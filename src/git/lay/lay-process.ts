/**
 * The process that works on a root: started by the daemon for one deployment, and from its first line on the environment's
 * user and nobody else. Whatever a tree or a root holds to lead it astray, it can do no more than that user's own jobs.
 * It ends when its daemon does.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { type Git, gitOutput } from './blobs.ts';
import { clear, laidAt, lay, undo } from './laying.ts';
import { takeLock } from './lock.ts';
import type { LayAnswer, LayPlace, LayRequest } from './messages.ts';
import { stage, WrongRoot } from './staging.ts';
import { WrongTree } from './tree.ts';

/** In the repository: the commit that is in the root, and since when. */
const laidFile = 'nightshift-laid.json';

const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const first = await lines.next();
if (first.done !== true) await serve(JSON.parse(first.value) as LayPlace);

async function serve(place: LayPlace): Promise<void> {
  becomeUser(place.user);
  process.umask(0o022);
  await takeLock(place.stage);
  for (let line = await lines.next(); line.done !== true; line = await lines.next()) {
    const answer = await answerTo(place, JSON.parse(line.value) as LayRequest);
    process.stdout.write(`${JSON.stringify(answer)}\n`);
  }
}

function becomeUser(user: LayPlace['user']): void {
  if (user === null) return;
  process.setgroups?.([user.gid]);
  process.setgid?.(user.gid);
  process.setuid?.(user.uid);
}

async function answerTo(place: LayPlace, request: LayRequest): Promise<LayAnswer> {
  try {
    return await done(place, request);
  } catch (error) {
    const about = error instanceof WrongTree ? 'tree' : error instanceof WrongRoot ? 'root' : 'machine';
    return { ok: false, about, why: error instanceof Error ? error.message : String(error) };
  }
}

async function done(place: LayPlace, request: LayRequest): Promise<LayAnswer> {
  const { root, repository, env, config } = place;
  const git: Git = { repository, env, config };
  switch (request.act) {
    case 'stage': {
      const { commit, from, limits } = request;
      const fromLaidAt = readLaid(repository, from);
      const staged = await stage({ git, root, stage: place.stage, commit, from, fromLaidAt, limits });
      return { ok: true, staged };
    }
    case 'lay':
      lay(root, place.stage);
      return { ok: true };
    case 'undo':
      undo(root, place.stage);
      clear(place.stage);
      return { ok: true };
    case 'keep':
      remember(git, place.stage, request.commit);
      clear(place.stage);
      return { ok: true };
  }
}

/** The commit stays in the repository as long as it is in the root, whatever becomes of its branch. */
function remember(git: Git, stageFolder: string, commit: string): void {
  gitOutput(git, 'update-ref', 'refs/nightshift/deployed', commit);
  const at = laidAt(stageFolder);
  if (at === undefined) return;
  const file = join(git.repository, laidFile);
  writeFileSync(`${file}.new`, JSON.stringify({ commit, at }));
  renameSync(`${file}.new`, file);
}

/** Null where that commit is not known to be in the root. */
function readLaid(repository: string, commit: string | null): number | null {
  try {
    const laid = JSON.parse(readFileSync(join(repository, laidFile), 'utf8')) as {
      commit: string;
      at: number;
    };
    return laid.commit === commit ? laid.at : null;
  } catch {
    return null; // nothing was laid yet, or nobody knows: then all is looked into
  }
}

import { Refusal } from '../domain/errors.ts';
import type { Looked, System } from './system.ts';

type Folder = Extract<Looked, { kind: 'folder' }>;

/** Linux takes no longer names for users (useradd(8)). */
const userNameCharacters = 32;

/** The system user that is made for an environment; long names are cut, and told apart by a number drawn from all of the name. */
export function ownUserName(environment: string): string {
  const name = `ns-${environment}`;
  if (name.length <= userNameCharacters) return name;
  let hash = 0x811c9dc5;
  for (const character of environment) hash = Math.imul(hash ^ character.charCodeAt(0), 0x01000193) >>> 0;
  return `${name.slice(0, userNameCharacters - 9)}-${hash.toString(16).padStart(8, '0')}`;
}

/**
 * Decides which user an environment's jobs run as, and makes it where that is needed (design §2.4).
 * Safe to repeat: a user that was made is found again, a folder handed over belongs to it.
 */
export async function chooseUser(
  system: System,
  environment: string,
  folder: Folder,
  asked: string | undefined,
): Promise<string> {
  const privileged = system.currentUser === 'root';
  if (asked !== undefined) {
    if (!(await system.hasUser(asked))) throw new Refusal('environment.user-unknown', { user: asked });
    if (!privileged && asked !== system.currentUser) {
      throw new Refusal('environment.user-not-ours', { user: asked, current: system.currentUser });
    }
    return asked;
  }
  if (!privileged) return system.currentUser;
  if (folder.owner !== 'root') {
    if (!(await system.hasUser(folder.owner)))
      throw new Refusal('environment.user-unknown', { user: folder.owner });
    return folder.owner;
  }
  const user = ownUserName(environment);
  try {
    await system.makeUser(user);
    if (folder.empty) await system.handOver(folder.realPath, user);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Refusal('environment.user-failed', { user, why }, { cause: error });
  }
  return user;
}

/** Sentences about root and user that somebody should read. */
export function rootNotices(
  environment: { readonly name: string; readonly root: string; readonly user: string },
  looked: Looked,
  privileged: boolean,
): string[] {
  const { name, root, user } = environment;
  const notices: string[] = [];
  if (user === 'root')
    notices.push(
      `The jobs of "${name}" run as root: whatever breaks out of them owns this machine; create it with --user to give it a user of its own.`,
    );
  if (looked.kind === 'unreadable') {
    notices.push(`The root folder ${root} can't be looked at: ${looked.why}.`);
  } else if (looked.kind !== 'folder') {
    notices.push(`The root folder ${root} is not there: no job can run until it is back.`);
  } else if (user !== 'root' && looked.owner !== user && privileged) {
    notices.push(
      `The root folder ${root} belongs to ${looked.owner} and the jobs run as ${user}: to let them write there, hand it over with "chown -R ${user} ${root}".`,
    );
  }
  return notices;
}

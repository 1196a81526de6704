/** The own sessions: which browsers are logged in, and the end of one of them. */
import type { Session } from '../domain/account.ts';
import { sessionEnded } from '../domain/account.ts';
import { Refusal } from '../domain/errors.ts';
import type { AccountControl, SessionView } from './account-control.ts';
import type { Accounts } from './accounts.ts';
import type { Actor } from './control.ts';
import type { Tools } from './tools.ts';

/** A session is told by the beginning of what is kept of it, which opens nothing. */
const idCharacters = 16;

export function sessionCases(
  { parts, changes }: Tools,
  accounts: Accounts,
): Pick<AccountControl, 'sessions' | 'endSession'> {
  const { store, clock } = parts;
  const open = async (actor: Actor, name: string): Promise<Session[]> => {
    await accounts.own(actor, name);
    return (await store.sessions(name)).filter((each) => !sessionEnded(each, clock.wall()));
  };
  return {
    async sessions(actor, name) {
      return (await open(actor, name)).map((session) => viewOf(actor, session));
    },

    async endSession(actor, name, id) {
      accounts.checkNoToken(actor, 'end sessions');
      const session = (await open(actor, name)).find((each) => idOf(each) === id);
      if (session === undefined) throw new Refusal('session.unknown');
      await store.endSession(session.id);
      await changes.note(actor, null, 'end session', session.address ?? '');
    },
  };
}

const idOf = ({ id }: Session): string => id.slice(0, idCharacters);

const viewOf = (actor: Actor, session: Session): SessionView => ({
  id: idOf(session),
  createdAt: session.createdAt,
  usedAt: session.usedAt,
  address: session.address,
  current: session.id === actor.session,
});

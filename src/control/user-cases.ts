/** Accounts and memberships, as operators manage them; and what everybody may do with their own. */
import { checkOperator, checkSees, sees } from '../domain/access.ts';
import { type Account, checkAccountName, checkPassword } from '../domain/account.ts';
import { Refusal } from '../domain/errors.ts';
import { limits } from '../domain/limits.ts';
import type { AccountControl } from './account-control.ts';
import type { Accounts } from './accounts.ts';
import type { Actor } from './control.ts';
import type { Tools } from './tools.ts';

type UserCases = Pick<
  AccountControl,
  | 'changePassword'
  | 'users'
  | 'user'
  | 'addUser'
  | 'changeUser'
  | 'removeUser'
  | 'resetUser'
  | 'members'
  | 'addMember'
  | 'removeMember'
>;

export function userCases(tools: Tools, accounts: Accounts): UserCases {
  return { ...ownCases(tools, accounts), ...managingCases(tools, accounts), ...memberCases(tools, accounts) };
}

const isSelf = (actor: Actor, name: string): boolean => actor.account === name;

function ownCases(
  { parts, changes }: Tools,
  accounts: Accounts,
): Pick<UserCases, 'changePassword' | 'users' | 'user'> {
  const { store } = parts;
  return {
    async changePassword(actor, name, { current, password }) {
      accounts.checkNoToken(actor, 'change the password');
      const account = await accounts.checkCurrent(actor, name, current);
      const hash = await accounts.passwords.hash(checkPassword(password, name));
      await accounts.inTurn(async () => {
        const now = await accounts.known(name);
        if (now.password !== account.password) throw new Refusal('password.wrong');
        await store.saveAccount({ ...now, password: hash }, actor.session ?? null);
      });
      await changes.note(actor, null, 'change password', '');
    },

    async users(actor) {
      checkOperator(actor, 'manage accounts');
      return await Promise.all((await store.accounts()).map((account) => accounts.view(account)));
    },

    async user(actor, name) {
      if (!isSelf(actor, name)) checkOperator(actor, 'manage accounts');
      return await accounts.view(await accounts.known(name));
    },
  };
}

function managingCases(
  { parts, changes }: Tools,
  accounts: Accounts,
): Pick<UserCases, 'addUser' | 'changeUser' | 'removeUser' | 'resetUser'> {
  const { store, clock } = parts;
  const manage = <Result>(actor: Actor, work: () => Promise<Result>): Promise<Result> => {
    checkOperator(actor, 'manage accounts');
    return accounts.inTurn(work);
  };
  /** Refuses what would leave nobody who can let others in. */
  const checkNotLast = async ({ name, role }: Account): Promise<void> => {
    const operators = (await store.accounts()).filter((each) => each.role === 'operator');
    if (role === 'operator' && operators.length === 1)
      throw new Refusal('account.last-operator', { user: name });
  };
  return {
    addUser: (actor, { name, role, environments = [] }) =>
      manage(actor, async () => {
        checkAccountName(name);
        if (role === 'operator' && environments.length > 0)
          throw new Refusal('account.operator-sees-all', { user: name });
        for (const environment of environments) await changes.usable(actor, environment);
        if ((await store.accounts()).length >= limits.accounts)
          throw new Refusal('account.too-many', { limit: limits.accounts });
        const account: Account = {
          name,
          role,
          createdAt: clock.wall(),
          password: null,
          secondFactor: null,
        };
        const { kept, told } = accounts.newLink('invitation', name, limits.invitationSeconds);
        await store.addAccount(account, kept, environments);
        await changes.note(actor, null, 'add account', `${name}, ${role}`);
        for (const environment of environments) await changes.note(actor, environment, 'add member', name);
        return { user: await accounts.view(account), link: told };
      }),

    changeUser: (actor, name, { role }) =>
      manage(actor, async () => {
        const account = await accounts.known(name);
        if (account.role !== role) {
          await checkNotLast(account);
          await store.saveAccount({ ...account, role });
          await changes.note(actor, null, 'change role', `${name}: ${account.role} → ${role}`);
        }
        return await accounts.view({ ...account, role });
      }),

    removeUser: (actor, name) =>
      manage(actor, async () => {
        const account = await accounts.known(name);
        await checkNotLast(account);
        await store.removeAccount(name);
        await changes.note(actor, null, 'remove account', name);
      }),

    resetUser: (actor, name) =>
      manage(actor, async () => {
        const account = await accounts.known(name);
        const { kept, told } = accounts.newLink('reset', name, limits.invitationSeconds);
        await store.resetAccount({ ...account, password: null, secondFactor: null }, kept);
        await changes.note(actor, null, 'reset account', name);
        return told;
      }),
  };
}

function memberCases(
  { parts, changes }: Tools,
  accounts: Accounts,
): Pick<UserCases, 'members' | 'addMember' | 'removeMember'> {
  const { store } = parts;
  return {
    async members(actor, environment) {
      await changes.known(actor, environment);
      const names = await store.members(environment);
      const views = await Promise.all(names.map(async (name) => accounts.view(await accounts.known(name))));
      // What else a member sees is nobody's business but an operator's.
      return views.map((view) => ({
        ...view,
        environments: view.environments.filter((each) => sees(actor, each)),
      }));
    },

    async addMember(actor, environment, user) {
      checkSees(actor, environment);
      checkOperator(actor, 'manage members');
      await changes.usable(actor, environment);
      await accounts.inTurn(async () => {
        const { role } = await accounts.known(user);
        if (role === 'operator') throw new Refusal('account.operator-sees-all', { user });
        if (await store.setMember(environment, user, true))
          await changes.note(actor, environment, 'add member', user);
      });
    },

    async removeMember(actor, environment, user) {
      checkSees(actor, environment);
      checkOperator(actor, 'manage members');
      await changes.known(actor, environment);
      await accounts.inTurn(async () => {
        await accounts.known(user);
        if (!(await store.setMember(environment, user, false)))
          throw new Refusal('account.not-a-member', { user, environment });
        await changes.note(actor, environment, 'remove member', user);
      });
    },
  };
}

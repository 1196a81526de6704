/** Accounts, links and tokens as the wire has them. */
import type {
  AccountSession,
  Link as WireLink,
  NewLink as WireNewLink,
  Session as WireSession,
  Token as WireToken,
  User as WireUser,
} from '../contract/account.ts';
import type { LinkView, NewLink, SessionView, TokenView, UserView } from '../control/account-control.ts';
import type { Actor } from '../control/control.ts';
import { toTime, toTimeOrNull } from '../wire/to-wire.ts';

export const sessionToWire = (actor: Actor, self: UserView | null): WireSession => ({
  name: actor.account ?? actor.name,
  role: actor.role,
  environments: [...(actor.environments ?? [])],
  via: actor.via,
  account: actor.account ?? null,
  scope: actor.scope ?? null,
  secondFactor: self?.secondFactor ?? false,
});

export const userToWire = (view: UserView): WireUser => ({
  ...view,
  environments: [...view.environments],
  createdAt: toTime(view.createdAt),
  seenAt: toTimeOrNull(view.seenAt),
});

export const accountSessionToWire = (view: SessionView): AccountSession => ({
  ...view,
  createdAt: toTime(view.createdAt),
  usedAt: toTime(view.usedAt),
});

export const linkToWire = (view: LinkView): WireLink => ({
  kind: view.kind,
  account: view.account,
  expiresAt: toTime(view.expiresAt),
});

export const newLinkToWire = (link: NewLink): WireNewLink => ({
  ...linkToWire(link),
  path: link.path,
  url: link.url,
});

export const tokenToWire = (view: TokenView): WireToken => ({
  id: view.id,
  name: view.name,
  account: view.account,
  scope: view.scope,
  environments: view.environments === null ? null : [...view.environments],
  createdAt: toTime(view.createdAt),
  expiresAt: toTimeOrNull(view.expiresAt),
  lastUsedAt: toTimeOrNull(view.usedAt),
});

/** Browsers and programs before the real server over the real use cases: requests by `inject`, cookies kept as a browser keeps them. */
import { pino } from 'pino';
import { onTestFinished } from 'vitest';
import { sessionHeader } from '../contract/account.ts';
import { apiPrefix } from '../contract/routes.ts';
import { makeWorld, operator, type World } from '../control/world.testkit.ts';
import { authentication } from './authentication.ts';
import { holdToDocument } from './documented.testkit.ts';
import { createHttpServer } from './server.ts';

export const password = 'correct horse battery';

export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it asked for.
  readonly body: any;
  readonly headers: Readonly<Record<string, unknown>>;
}

export interface Browser {
  /** The cookie it has, as it sends it; tests may take it or put one. */
  cookie: string | undefined;
  /** `POST /session`: with the header that the dashboard sends, unless others are given. */
  ask(line: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  logIn(name: string): Promise<Answer>;
}

export interface Site {
  readonly world: World;
  /** With no cookie yet, from this address. */
  browser(address?: string): Browser;
  /** A program with a token. */
  program(token: string): Browser;
  /** An account with {@link password}; its browser is signed in. */
  person(name: string, role: 'operator' | 'member', ...environments: string[]): Promise<Browser>;
  close(): Promise<void>;
}

interface SiteOptions {
  readonly trustProxy?: readonly string[];
}

/** Closed when the test has finished. */
export async function makeSite(options: SiteOptions = {}): Promise<Site> {
  const site = await openSite(options);
  onTestFinished(() => site.close());
  return site;
}

/** Closed by the caller. */
export async function openSite(options: SiteOptions = {}): Promise<Site> {
  const world = await makeWorld();
  const { control } = world;
  const app = createHttpServer({
    control,
    log: pino({ level: 'silent' }),
    actorOf: authentication(control),
    ...options,
  });
  holdToDocument(app);
  const client = (address: string, authorization?: string): Browser => {
    const browser: Browser = {
      cookie: undefined,
      async ask(line, body, headers = { [sessionHeader]: '1' }) {
        const [method = '', path = ''] = line.split(' ');
        const answer = await app.inject({
          method: method as 'GET',
          url: path.startsWith('/api') ? path : `${apiPrefix}${path}`,
          remoteAddress: address,
          headers: {
            host: 'jobs.example.org',
            ...(browser.cookie === undefined ? {} : { cookie: browser.cookie }),
            ...(authorization === undefined ? {} : { authorization }),
            ...headers,
          },
          ...(body === undefined ? {} : { payload: body as object }),
        });
        const set = answer.headers['set-cookie'];
        if (typeof set === 'string') browser.cookie = /Max-Age=0/.test(set) ? undefined : set.split(';')[0];
        const isJson = String(answer.headers['content-type']).startsWith('application/json');
        return {
          status: answer.statusCode,
          body: isJson ? answer.json() : answer.body,
          headers: answer.headers,
        };
      },
      logIn: (name) => browser.ask('POST /session', { name, password }),
    };
    return browser;
  };
  const site: Site = {
    world,
    close: async () => {
      await app.close();
      await world.dispose();
    },
    browser: (address = '192.0.2.7') => client(address),
    program: (token) => client('192.0.2.9', `Bearer ${token}`),
    async person(name, role, ...environments) {
      const { link } = await control.addUser(operator, { name, role, environments });
      const browser = site.browser();
      const secret = link.path.split('#')[1];
      await browser.ask('POST /invitations/accept', { secret, password });
      return browser;
    },
  };
  return site;
}

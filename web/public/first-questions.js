// What the page will ask first, asked while its scripts are still on their way (src/data/first-answers.ts takes the answers).
// The session comes before all else: without one nothing more is asked, and whoever follows the events from its place in
// them misses nothing of what was read after it.
(() => {
  if (/^\/(log-in|set-up|invitation)/.test(location.pathname)) return;
  const api = '/api/v1';
  const ask = (path) => fetch(api + path, { headers: { accept: 'application/json' } });
  const session = ask('/session');
  const answers = new Map([[`${api}/session`, session]]);
  const environment = /^\/environments\/[^/]+(?=\/?$)/.exec(location.pathname)?.[0];
  const paths = environment === undefined ? [] : [environment, `${environment}/jobs?limit=50`];
  for (const path of paths)
    answers.set(
      api + path,
      session.then(({ ok }) => (ok ? ask(path) : undefined)),
    );
  // Whoever takes an answer hears of a failure.
  for (const answer of answers.values()) answer.catch(() => undefined);
  globalThis.nightshiftFirstAnswers = answers;
})();

/** The page about the API, with its routes and events as the contract has them. */
import { events } from '../src/contract/events.ts';
import { apiPrefix, type Route, routes } from '../src/contract/routes.ts';
import { limits } from '../src/domain/limits.ts';

const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('<', '&lt;');

const marksOf = (route: Route): string =>
  [
    route.access === 'public' ? 'for everybody' : '',
    route.ifMatch ? '`If-Match`' : '',
    route.once ? '`Idempotency-Key`' : '',
    route.kind === 'stream' ? 'stream' : '',
    route.kind === 'events' ? 'events' : '',
    route.kind === 'socket' ? 'WebSocket' : '',
  ]
    .filter((mark) => mark !== '')
    .join(', ');

export function apiPage(): string {
  const rows = Object.values(routes as Record<string, Route>).map((route) => {
    const path = route.path.replaceAll(/:(\w+)/g, '{$1}');
    return `| \`${route.method} ${path}\` | ${cell(route.summary)} | ${marksOf(route)} |`;
  });
  const names = Object.keys(events).map((name) => `\`${name}\``);
  return `<!-- Made from src/contract by script/reference: change it there, and the words in script/api-page.ts. -->

# The API

The dashboard and the command line use nothing else. All paths are below \`${apiPrefix}\`; a running daemon describes them at
\`/api/docs\`, and for programs at \`/api/openapi.json\` (OpenAPI 3.1, from which a client in your language can be made).

\`\`\`sh
nightshift token create --name ci --scope write
curl -H "Authorization: Bearer $TOKEN" http://127.0.0.1:8484${apiPrefix}/environments
\`\`\`

- Times are RFC 3339 in UTC with milliseconds, sizes bytes, durations seconds. New fields may be added to answers.
- What is refused changed nothing. It answers \`{"error": {"code", "message", "field"?}}\`: the code is stable
  ([all of them](errors.md)), the message one sentence that says what to do, the field what it is about.
- A change answers when its effects are there; \`wait=false\` answers at once.
- Lists are \`{"items", "next"}\`. \`limit\` bounds a page, at most 1,000 (jobs: ${new Intl.NumberFormat('en').format(limits.jobsPerEnvironment)}); \`next\` given as \`after\`, or as \`before\`
  in histories, is the page that follows, and null on the last. Lists without a \`limit\` are short and come whole.
- \`/healthz\` asks nobody who they are: 200 while the scheduler beats and the database can be written, else 503.

## Two people, one job

A job and an environment carry an \`etag\`. A change that sends it back as \`If-Match: "…"\` is refused with 412 when somebody has
changed the definition since; the sentence says who and when. What is observed or counted does not change the tag.

## Sent twice

A POST that would double something takes an \`Idempotency-Key\` of your own, such as a UUID. Sent again within a day, by the same
user, with the same key and body, it is done once and answered alike (\`idempotency-replayed: true\`), also while the first is
under way. What was refused may be tried again with its key. That holds across a restart of the daemon.
Where a crash came between the act and its answer, the second is refused (\`request.outcome-unknown\`): look whether it was done, and
send it with a new key if it was not.

## What changes

\`GET /events\` is a stream of server-sent events: ${names.join(', ')}. Each is a fact that is whole in itself; hearing one twice does no harm.

1. Read a list. Its header \`Nightshift-Event-Id\` is the place it was read at.
2. Follow \`/events?after=\` that place: nothing is missed. \`environment=\` narrows it; members hear of their own environments only.
3. When the connection ends, come again with \`Last-Event-ID\` (browsers do so by themselves).
4. \`reset\` says that what happened in between is not kept, because it is too long ago (${new Intl.NumberFormat('en').format(limits.eventsKept)} events) or the daemon was
   restarted: read the lists anew.

A reader that takes nothing for ${limits.eventReaderSecondsMax} s is cut off, and may come again.

## Routes

| route | | |
| --- | --- | --- |
${rows.join('\n')}
`;
}

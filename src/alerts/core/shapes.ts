/** A notice in the words of those who receive it. What came from jobs is told as text: it marks nothing up and calls nobody. */
import type { WebhookShape } from '../../domain/alert.ts';
import type { Notice } from './notice.ts';

/** The JSON document of a webhook. */
export function bodyOf(shape: WebhookShape, notice: Notice): unknown {
  switch (shape) {
    case 'nightshift':
      return plain(notice);
    case 'slack':
      return slack(notice);
    case 'discord':
      return discord(notice);
    case 'teams':
      return teams(notice);
  }
}

const time = (wall: number | null): string | null => (wall === null ? null : new Date(wall).toISOString());

/** Our own: every field that a program may want. Fields are added, never changed. */
function plain({ id, phase, title, facts, lines, link, at, incident, run }: Notice) {
  return {
    type: `incident.${phase}`,
    timestamp: time(at),
    data: {
      id,
      title,
      text: facts.join(' '),
      lines,
      link,
      incident:
        incident === null
          ? null
          : {
              ...incident,
              beganAt: time(incident.beganAt),
              seenAt: time(incident.seenAt),
              endedAt: time(incident.endedAt),
              dueAt: time(incident.dueAt),
            },
      run:
        run === null
          ? null
          : {
              id: run.id,
              environment: run.environment,
              job: run.job,
              trigger: run.trigger,
              attempt: run.attempt,
              startedAt: time(run.startedAt),
              endedAt: time(run.endedAt),
              outcome: run.outcome,
              reason: run.reason,
              commit: run.commit,
            },
    },
  };
}

const colors = { begin: 0xc0392b, over: 0x2e8b57, test: 0x5b6770 } as const;
const marks = { begin: '🔴', over: '🟢', test: '🔵' } as const;

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most - 1)}…`;

/** In a fence nothing is marked up, as long as no fence is in it. */
const fenced = (lines: readonly string[], most: number): string =>
  `\`\`\`\n${cut(lines.join('\n').replaceAll('```', "'''"), most)}\n\`\`\``;

/** Slack takes three characters for its own: `&`, `<` and `>`. */
const slackText = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

function slack({ phase, title, facts, lines, link }: Notice) {
  const section = (text: string) => ({ type: 'section', text: { type: 'mrkdwn', text } });
  const head = `${marks[phase]} ${slackText(title)}`;
  return {
    text: head,
    blocks: [
      section(`*${head.replaceAll('*', '∗')}*\n${cut(slackText(facts.join(' ')), 2_500)}`),
      ...(lines.length === 0 ? [] : [section(fenced(lines.map(slackText), 2_500))]),
      ...(link === null ? [] : [section(`<${link}|Open in Nightshift>`)]),
    ],
    unfurl_links: false,
  };
}

const discordText = (text: string): string => text.replaceAll(/([\\*_~`|>[\]])/g, '\\$1');

function discord({ phase, title, facts, lines, link, at }: Notice) {
  const output = lines.length === 0 ? '' : `\n${fenced(lines, 2_000)}`;
  return {
    allowed_mentions: { parse: [] },
    embeds: [
      {
        title: cut(title, 250),
        description: cut(discordText(facts.join(' ')), 1_900) + output,
        color: colors[phase],
        timestamp: time(at),
        ...(link === null ? {} : { url: link }),
      },
    ],
  };
}

/** An adaptive card, as the workflows of Teams take it. */
function teams({ phase, title, facts, lines, link }: Notice) {
  const block = (text: string, more: object = {}) => ({ type: 'TextBlock', text, wrap: true, ...more });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          body: [
            block(title, {
              weight: 'Bolder',
              size: 'Medium',
              color: phase === 'begin' ? 'Attention' : phase === 'over' ? 'Good' : 'Default',
            }),
            ...facts.map((fact) => block(discordText(fact))),
            ...(lines.length === 0
              ? []
              : [block(lines.map(discordText).join('\n\n'), { fontType: 'Monospace' })]),
          ],
          actions: link === null ? [] : [{ type: 'Action.OpenUrl', title: 'Open in Nightshift', url: link }],
        },
      },
    ],
  };
}

export interface Letter {
  readonly subject: string;
  readonly text: string;
}

export function letterOf({ phase, title, facts, lines, link }: Notice): Letter {
  const tag = { begin: 'alert', over: 'over', test: 'test' }[phase];
  const parts = [
    ...facts,
    ...(lines.length === 0 ? [] : ['', 'Its last lines:', ...lines.map((line) => `  ${line}`)]),
    ...(link === null ? [] : ['', link]),
    '',
    '-- ',
    'Nightshift',
  ];
  // No line break of ours or of a job gets into a header.
  return { subject: `[nightshift ${tag}] ${title.replaceAll(/\s+/g, ' ')}`, text: `${parts.join('\n')}\n` };
}

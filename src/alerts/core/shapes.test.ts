import { describe, expect, test } from 'vitest';
import { over, sighted } from '../../domain/incident.ts';
import { sampleRun } from '../../store/store.testkit.ts';
import { noticeOf, testNotice } from './notice.ts';
import { bodyOf, letterOf } from './shapes.ts';

const began = Date.UTC(2026, 10, 22, 3, 12);
const incident = sighted(
  undefined,
  {
    ...{ environment: 'shop', job: 'report', kind: 'cron-failed', run: 'run-1', dueAt: began },
    reason: '"report" failed: exit code 3 <!channel> @everyone *bold*',
  },
  began,
  'i1',
);
const run = sampleRun('shop', 'run-1', {
  ...{ job: 'report', kind: 'cron', startedAt: began - 12_000, endedAt: began },
  ...{ outcome: 'failed', reason: 'exit code 3', commit: 'abcdef1234' },
});
const lines = ['reading', 'evil ``` fence & <b>', 'no such table\r\nBcc: x@example.com'];
const base = 'https://jobs.example.com/';
const begin = noticeOf({ id: 'd1', phase: 'begin', incident, run, lines, base });
const end = noticeOf({
  ...{ id: 'd2', phase: 'over', run, lines, base },
  incident: over({ ...incident, count: 3 }, 'run run-9 ended well', began + 3_600_000),
});

test('a notice says which job, why, which run, since when, and where to look', () => {
  expect(begin).toMatchObject({
    title: 'shop/report failed',
    facts: [
      '"report" failed: exit code 3 <!channel> @everyone *bold*.',
      'Since 2026-11-22 03:12:00 UTC.',
      'It was run run-1, which ran for 12s, commit abcdef1.',
    ],
    link: 'https://jobs.example.com/environments/shop/runs/run-1',
  });
  expect(end).toMatchObject({
    title: 'shop/report is well again (it failed)',
    facts: [
      'Run run-9 ended well.',
      'It began 2026-11-22 03:12:00 UTC and lasted 1h, seen 3 times.',
      expect.stringContaining('"report" failed'),
    ],
    lines: [],
  });
});

describe('the shape', () => {
  test('of Nightshift has every field that a program may want', () => {
    expect(bodyOf('nightshift', begin)).toMatchObject({
      type: 'incident.begin',
      timestamp: '2026-11-22T03:12:00.000Z',
      data: {
        id: 'd1',
        lines,
        incident: { id: 'i1', kind: 'cron-failed', environment: 'shop', job: 'report', endedAt: null },
        run: { id: 'run-1', outcome: 'failed', reason: 'exit code 3', commit: 'abcdef1234' },
      },
    });
  });

  test('of Slack marks nothing up and calls nobody', () => {
    const text = JSON.stringify(bodyOf('slack', begin));
    expect(text).not.toContain('<!channel>');
    expect(text).toContain('&lt;!channel&gt;');
    expect(text).toContain('<https://jobs.example.com/environments/shop/runs/run-1|Open in Nightshift>');
    expect(text.match(/```/g)).toHaveLength(2);
  });

  test('of Discord neither', () => {
    const body = bodyOf('discord', begin) as {
      allowed_mentions: unknown;
      embeds: { description: string; url: string }[];
    };
    expect(body.allowed_mentions).toEqual({ parse: [] });
    expect(body.embeds[0]?.description).toContain('\\*bold\\*');
    expect(body.embeds[0]?.description.match(/```/g)).toHaveLength(2);
    expect(body.embeds[0]?.url).toContain('/runs/run-1');
  });

  test('of Teams is an adaptive card with a button', () => {
    expect(bodyOf('teams', begin)).toMatchObject({
      type: 'message',
      attachments: [
        {
          contentType: 'application/vnd.microsoft.card.adaptive',
          content: {
            body: [{ text: 'shop/report failed' }, {}, {}, {}, { fontType: 'Monospace' }],
            actions: [{}],
          },
        },
      ],
    });
  });

  test('of a letter has one line as subject, whatever a job printed', () => {
    const { subject, text } = letterOf({ ...begin, title: 'shop/report failed\r\nBcc: x@example.com' });
    expect(subject).toBe('[nightshift alert] shop/report failed Bcc: x@example.com');
    expect(text).toContain('Its last lines:\n  reading\n');
    expect(text).toContain('\nhttps://jobs.example.com/environments/shop/runs/run-1\n');
  });

  test.each(['nightshift', 'slack', 'discord', 'teams'] as const)(
    '%s takes a test, without a link',
    (shape) => {
      const text = JSON.stringify(bodyOf(shape, testNotice('t1', 'chat', null, began)));
      expect(text).toContain('A test of the alert channel');
      expect(text).not.toContain('null|');
    },
  );
});

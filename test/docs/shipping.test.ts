/** The configurations of docs/guides/logs.md and shipping-logs.md are read as their programs read them, and meet files that the store has made. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { record } from '../../src/logs/cri-writer.testkit.ts';

const guideOf = (name: string): string =>
  readFileSync(join(import.meta.dirname, '../../docs/guides', name), 'utf8');
const filesOf = (guide: string) =>
  new Map(
    [...guide.matchAll(/```yaml\n# (\S+)\n(.*?)```/gs)].map(([, name = '', text = '']) => [
      name,
      parse(text),
    ]),
  );
const files = filesOf(guideOf('logs.md'));
const otlpGuide = guideOf('shipping-logs.md');
const otlpFiles = filesOf(otlpGuide);
const file = '/var/lib/nightshift/logs/shop/mailer/01k9zq3m7x5e0a1b.log';

/** Go's and Rust's way of naming groups, in JavaScript's. */
const regex = (text: string): RegExp => new RegExp(text.replaceAll('(?P<', '(?<'), 's');
const named = { environment: 'shop', job: 'mailer', run: '01k9zq3m7x5e0a1b' };

/** Shells' patterns, without folders in `*`. */
const matches = (pattern: string, path: string): boolean =>
  new RegExp(`^${pattern.replaceAll('.', '\\.').replaceAll('*', '[^/]*')}$`).test(path);

test('there is one for each shipper that the guide names', () => {
  expect([...files.keys()]).toEqual(['fluent-bit.yaml', 'vector.yaml', 'promtail.yaml']);
});

test('Fluent Bit reads files and segments, never packs, and knows whose they are', () => {
  const { pipeline, parsers } = files.get('fluent-bit.yaml');
  const patterns: string[] = pipeline.inputs[0].path.split(',');
  const read = (path: string) => patterns.filter((pattern) => matches(pattern, path)).length;
  expect(
    [file, `${file}.12`, '/var/lib/nightshift/logs/shop/mailer/1764158400000.pack.zst'].map(read),
  ).toEqual([1, 1, 0]);
  for (const path of [file, `${file}.12`]) expect(regex(parsers[0].regex).exec(path)?.groups).toEqual(named);
  expect(pipeline.filters[0].parser).toBe(parsers[0].name);
  expect(pipeline.inputs[0]['multiline.parser']).toBe('cri');
});

test('Vector takes records apart, and joins the pieces of long lines', () => {
  const { sources, transforms, sinks } = files.get('vector.yaml');
  expect(sources.nightshift.include.some((pattern: string) => matches(pattern, `${file}.3`))).toBe(true);
  const expressions = [...transforms.records.source.matchAll(/r'([^']+)'/g)].map(([, text = '']) =>
    regex(text),
  );
  expect(expressions[0]?.exec(`${file}.3`)?.groups).toEqual(named);
  for (const text of ['The message', '', '  indented']) {
    const line = record(Date.UTC(2026, 10, 22, 12), 'stderr', 'P', text)
      .toString()
      .slice(0, -1);
    expect(expressions[1]?.exec(line)?.groups).toEqual({
      time: '2026-11-22T12:00:00.000000000+00:00',
      stream: 'stderr',
      tag: 'P',
      message: text,
    });
  }
  const known = [...Object.keys(sources), ...Object.keys(transforms)];
  for (const { inputs } of [...Object.values(transforms), ...Object.values(sinks)] as { inputs: string[] }[])
    expect(known).toEqual(expect.arrayContaining(inputs));
});

test('Promtail reads each file once, and its labels are few', () => {
  const [{ static_configs: configs, pipeline_stages: stages }] = files.get('promtail.yaml').scrape_configs;
  const pattern: string = configs[0].labels.__path__;
  expect([matches(pattern, file), matches(pattern, `${file}.1`)]).toEqual([true, false]);
  const stage = (name: string) => stages.find((each: object) => name in each)[name];
  expect(regex(stage('regex').expression).exec(file)?.groups).toEqual(named);
  expect(Object.keys(stage('labels'))).toEqual(['environment', 'job']);
  expect(stages[0]).toHaveProperty('cri');
});

test('receivers of OTLP listen where the guide sends the output', () => {
  expect([...otlpFiles.keys()]).toEqual(['collector.yaml', 'vector-otlp.yaml', 'loki.yaml']);
  const sent = [...otlpGuide.matchAll(/^`nightshift ship set shop (\S+)`$/gm)].map(([, url]) => url);
  const { receivers, exporters, service } = otlpFiles.get('collector.yaml');
  const vector = otlpFiles.get('vector-otlp.yaml');
  expect(sent).toEqual([
    `http://${receivers.otlp.protocols.http.endpoint}`,
    `http://${vector.sources.nightshift.http.address}`,
    'http://10.0.0.5:3100/otlp/v1/logs',
  ]);
  const { logs } = service.pipelines;
  expect([Object.keys(receivers), Object.keys(exporters)]).toEqual([logs.receivers, logs.exporters]);
  expect(vector.sinks.out.inputs).toEqual(['nightshift.logs']);
  const [label] = otlpFiles.get('loki.yaml').limits_config.otlp_config.resource_attributes.attributes_config;
  expect(label.attributes).toEqual(['service.name', 'nightshift.job']);
});

/** The JSON schema of nightshift.yml, for editors: made from the table that reads the file. */
import { limits } from '../domain/limits.ts';
import { type FileSetting, fileSettings, type SettingKind } from './file-settings.ts';

type Schema = Readonly<Record<string, unknown>>;

const duration = { type: ['string', 'number'], pattern: '^(\\d+(\\.\\d+)?|(\\d+[smhd]\\s*)+)$' };

function schemaOf(kind: SettingKind): Schema {
  if (typeof kind === 'object') return { enum: [...kind] };
  switch (kind) {
    case 'text':
      return { type: ['string', 'number', 'boolean'] };
    case 'whole':
      return { type: 'integer' };
    case 'duration':
      return duration;
    case 'limit':
      return { anyOf: [duration, { const: 'none' }] };
    case 'flag':
      return { type: 'boolean' };
    case 'codes':
      return {
        anyOf: [
          { const: 'any' },
          { type: 'array', items: { type: 'integer', minimum: 1, maximum: 255 } },
          { type: ['string', 'integer'] },
        ],
      };
  }
}

const described = ({ kind, only, about }: FileSetting): Schema => ({
  description: only === null ? about : `${only}: ${about}`,
  ...schemaOf(kind),
});

export const fileSchema: Schema = {
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title: 'nightshift.yml',
  description: 'Jobs, plan and deployment of an app, as Nightshift reads them from its repository.',
  type: ['object', 'null'],
  additionalProperties: false,
  properties: {
    deploy: {
      type: 'object',
      additionalProperties: false,
      properties: {
        branch: { type: 'string', description: 'the branch that is deployed (main)' },
        commands: {
          type: 'array',
          maxItems: limits.deployCommands,
          items: { type: 'string' },
          description: 'run one after the other inside the environment, before the workers restart',
        },
        timeout: { description: 'for all commands together (1h)', ...duration },
      },
    },
    plan: { type: ['string', 'number'], description: 'the plan to book' },
    jobs: {
      type: ['object', 'null'],
      description: 'by name; a job with a schedule is a cron, any other a worker',
      additionalProperties: {
        type: 'object',
        required: ['command'],
        additionalProperties: false,
        properties: {
          type: { enum: ['worker', 'cron'] },
          ...Object.fromEntries(Object.entries(fileSettings).map(([name, each]) => [name, described(each)])),
        },
      },
    },
  },
};

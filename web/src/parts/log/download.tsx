/** All that is filtered as a file, not only what is loaded: as text or as JSON lines, compressed or not. */
import { ActionIcon, Menu } from '@mantine/core';
import { api } from '../../data/api.ts';
import { Icon } from '../../design/icon.tsx';
import type { LogsQuery } from './log-feed.ts';

const forms = [
  { words: 'Text, as it is read here', ending: '.log', asked: { format: 'text' } },
  { words: 'Text, compressed', ending: '.log.gz', asked: { format: 'text', compress: 'gzip' } },
  { words: 'JSON, a line each', ending: '.ndjson', asked: { format: 'ndjson' } },
  {
    words: 'JSON, compressed',
    ending: '.ndjson.gz',
    asked: { format: 'ndjson', compress: 'gzip' },
  },
] as const;

interface DownloadProps {
  readonly environment: string;
  readonly query: LogsQuery;
}

export const Download = ({ environment, query }: DownloadProps) => (
  <Menu>
    <Menu.Target>
      <ActionIcon aria-label="Download what is filtered" title="Download what is filtered">
        <Icon name="download" />
      </ActionIcon>
    </Menu.Target>
    <Menu.Dropdown>
      {forms.map(({ words, ending, asked }) => (
        <Menu.Item
          key={words}
          component="a"
          href={api.address('logs', { params: { environment }, query: { ...query, ...asked } })}
          download={`${environment}${ending}`}
        >
          {words}
        </Menu.Item>
      ))}
    </Menu.Dropdown>
  </Menu>
);

/** A log as a page reads it, for as long as it is shown. */
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { api } from '../../data/api.ts';
import { jsonLines } from '../../data/json-lines.ts';
import type { LogEntry } from './log-buffer.ts';
import { type FeedState, LogFeed, type LogsQuery } from './log-feed.ts';

export function useLogFeed(environment: string, query: LogsQuery): readonly [FeedState, LogFeed] {
  const asked = JSON.stringify(query);
  const feed = useMemo(() => {
    const source = async (part: object, signal: AbortSignal) => {
      const response = await api.stream('logs', { params: { environment }, query: part }, signal);
      if (response.body === null) throw new Error('the answer has no body');
      return jsonLines<LogEntry>(response.body);
    };
    return new LogFeed(source, JSON.parse(asked) as LogsQuery);
  }, [environment, asked]);
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  return [useSyncExternalStore(feed.listen, feed.state), feed];
}

/**
 * Watches whether the daemon answers. While it does not, it is asked every two seconds; when it is back, everything that is
 * shown is read anew.
 */
import { api, queryClient } from './api.ts';
import { connection } from './connection.ts';
import { ApiFailure } from './failure.ts';

const askEveryMs = 2_000;

/** Returns what ends the watch. */
export function watchPulse(): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const lost = () => {
    if (connection.state() === 'lost') return;
    connection.become('lost');
    timer = setTimeout(ask, askEveryMs);
  };
  const ask = async () => {
    try {
      await api.call('daemon');
      connection.become('polling');
      await queryClient.invalidateQueries();
    } catch (thrown) {
      if (isUnreachable(thrown)) timer = setTimeout(ask, askEveryMs);
      else connection.become('polling');
    }
  };
  const stop = queryClient.getQueryCache().subscribe(({ type, query }) => {
    if (type !== 'updated') return;
    if (query.state.status === 'error' || query.state.fetchFailureReason !== null) {
      if (isUnreachable(query.state.fetchFailureReason ?? query.state.error)) lost();
    } else if (query.state.status === 'success' && connection.state() === 'connecting') {
      connection.become('polling');
    }
  });
  return () => {
    stop();
    clearTimeout(timer);
  };
}

const isUnreachable = (thrown: unknown): boolean =>
  thrown instanceof ApiFailure && (thrown.status === 0 || thrown.status === 502 || thrown.status === 504);

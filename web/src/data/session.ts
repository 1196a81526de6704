/** Who is logged in at this page. */
import { useQuery } from '@tanstack/react-query';
import type { Session } from '../../../src/contract/account.ts';
import { api, keyOf, queryClient, read } from './api.ts';

const sessionQuery = { ...read('session'), staleTime: 5 * 60_000, refetchInterval: false as const };

/** Asks who is logged in before anything is drawn: every page waits for it. */
export const readSession = (): void => void queryClient.prefetchQuery(sessionQuery);

export const useSession = () => useQuery(sessionQuery);

/** May the one who is logged in do what only operators may? False until it is known. */
export const useIsOperator = (): boolean => useSession().data?.role === 'operator';

/** What another one has read is gone before the first page is shown. */
export function begin(session: Session): void {
  queryClient.clear();
  queryClient.setQueryData(keyOf('session'), session);
}

/** Ends the session here, or all of the account's. */
export async function end(everywhere = false): Promise<void> {
  await api.call('logOut', everywhere ? { query: { everywhere: 'true' } } : {});
  queryClient.clear();
}

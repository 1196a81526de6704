/** Acts of people: send, say what was done, and read anew what it may have changed. */
import { type UseMutationResult, useMutation } from '@tanstack/react-query';
import type { RouteName } from '../../../src/contract/routes.ts';
import { api, queryClient } from './api.ts';
import type { Answer, Asked } from './client.ts';

export interface ChangeOptions<Name extends RouteName> {
  readonly onDone?: (answer: Answer<Name>, asked: Asked<Name>) => void;
}

/** `const stop = useChange('stopJob')`, then `stop.mutate({ params })`; `stop.error` is an ApiFailure. */
export function useChange<Name extends RouteName>(
  name: Name,
  options: ChangeOptions<Name> = {},
): UseMutationResult<Answer<Name>, Error, Asked<Name>> {
  return useMutation<Answer<Name>, Error, Asked<Name>>({
    mutationFn: (asked) => api.call(name, asked),
    onSuccess: (answer, asked) => options.onDone?.(answer, asked),
    onSettled: (_answer, _error, asked) => readAnew(asked),
  });
}

/** Everything that is shown of the environment that was asked about, and the lists over all of them. */
export function readAnew(asked: { readonly params?: unknown }): Promise<void> {
  const { environment } = (asked.params ?? {}) as { environment?: string };
  return queryClient.invalidateQueries({
    predicate: ({ queryKey }) => {
      // What is not kept by route and parameters stays as it was read: a form that somebody fills in.
      if (typeof queryKey[1] !== 'object') return false;
      const about = (queryKey[1] as { environment?: string } | null)?.environment;
      return environment === undefined || about === undefined || about === environment;
    },
  });
}

/** Where the page is, as its address says. */
import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

/** The environment of the address; pages below `/environments/NAME` may rely on it. */
export function useEnvironmentName(): string {
  const { environment } = useParams({ strict: false }) as { environment?: string };
  return environment ?? '';
}

export function useJobName(): string {
  const { job } = useParams({ strict: false }) as { job?: string };
  return job ?? '';
}

export function useRunId(): string {
  const { run } = useParams({ strict: false }) as { run?: string };
  return run ?? '';
}

/** The text that a page is searched for; in its address (`?q=`), so that a link shows the same. */
export function useSearchText(): readonly [text: string, set: (text: string) => void] {
  const { q } = useSearch({ strict: false }) as { q?: unknown };
  const navigate = useNavigate();
  const text = typeof q === 'string' || typeof q === 'number' ? String(q) : '';
  const set = (next: string) =>
    void navigate({
      to: '.',
      search: ((previous: Record<string, unknown>) => ({
        ...previous,
        q: next === '' ? undefined : next,
      })) as never,
      replace: true,
      resetScroll: false,
    });
  return [text, set];
}

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

/** What the address asks for behind its `?`, and how to change some of it; `undefined` takes a wish away. */
export function useWishes(): readonly [
  wishes: Readonly<Record<string, unknown>>,
  change: (part: Readonly<Record<string, unknown>>) => void,
] {
  const wishes = useSearch({ strict: false }) as Readonly<Record<string, unknown>>;
  const navigate = useNavigate();
  const change = (part: Readonly<Record<string, unknown>>) =>
    void navigate({
      to: '.',
      search: ((before: Record<string, unknown>) => ({ ...before, ...part })) as never,
      replace: true,
      resetScroll: false,
    });
  return [wishes, change];
}

/** A wish that is a text. The router reads what looks like a number as one. */
export const textOf = (wish: unknown): string | undefined =>
  typeof wish === 'string' || typeof wish === 'number' ? String(wish) : undefined;

/** The text that a page is searched for; in its address (`?q=`), so that a link shows the same. */
export function useSearchText(): readonly [text: string, set: (text: string) => void] {
  const [wishes, change] = useWishes();
  return [textOf(wishes.q) ?? '', (text) => change({ q: text === '' ? undefined : text })];
}

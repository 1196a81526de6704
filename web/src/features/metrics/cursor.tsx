/** The one cursor of all charts: the step that the pointer is at. */
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';

interface Cursor {
  readonly step: number | null;
  readonly move: (step: number | null) => void;
}

const CursorContext = createContext<Cursor>({ step: null, move: () => undefined });

export function CursorProvider({ children }: { readonly children: ReactNode }) {
  const [step, move] = useState<number | null>(null);
  const cursor = useMemo(() => ({ step, move }), [step]);
  return <CursorContext value={cursor}>{children}</CursorContext>;
}

export const useCursor = (): Cursor => useContext(CursorContext);

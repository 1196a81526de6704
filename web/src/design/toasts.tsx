/** What was done, for a few seconds, with the way back where there is one. */
import { ActionIcon, Button } from '@mantine/core';
import { useSyncExternalStore } from 'react';
import { sentenceOf } from '../data/failure.ts';
import { ShapeMark } from './badge.tsx';
import { Icon } from './icon.tsx';
import classes from './toasts.module.css';

export interface Toast {
  readonly text: string;
  readonly tone?: 'good' | 'bad';
  readonly undo?: () => void;
}

interface Shown extends Toast {
  readonly id: number;
}

const shownForMs = 7_000;
const shownAtOnce = 4;
let shown: readonly Shown[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function show(next: readonly Shown[]): void {
  shown = next;
  for (const each of listeners) each();
}

export function toast(text: string, options: Omit<Toast, 'text'> = {}): void {
  lastId += 1;
  const id = lastId;
  show([...shown, { id, text, ...options }].slice(-shownAtOnce));
  setTimeout(() => dismiss(id), options.tone === 'bad' ? 2 * shownForMs : shownForMs);
}

/** For acts that have no form in which the sentence could stand. */
export const toastFailure = (thrown: unknown): void => toast(sentenceOf(thrown), { tone: 'bad' });

const dismiss = (id: number): void => show(shown.filter((each) => each.id !== id));

export function Toasts() {
  const toasts = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => shown,
  );
  return (
    <div className={classes.toasts} role="status" aria-live="polite">
      {toasts.map(({ id, text, tone = 'good', undo }) => (
        <div key={id} className={classes.toast} data-tone={tone}>
          <ShapeMark shape={tone === 'bad' ? 'cross' : 'dot'} />
          <span className={classes.text}>{text}</span>
          {undo && (
            <Button
              size="compact-xs"
              variant="subtle"
              onClick={() => {
                dismiss(id);
                undo();
              }}
            >
              Undo
            </Button>
          )}
          <ActionIcon size="sm" aria-label="Dismiss" onClick={() => dismiss(id)}>
            <Icon name="close" />
          </ActionIcon>
        </div>
      ))}
    </div>
  );
}

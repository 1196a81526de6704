/** Forms: one column, the refusal's sentence beside its field, Escape leaves; nothing typed is lost when the server refuses. */
import { Button, Group } from '@mantine/core';
import { type ReactNode, useEffect, useRef } from 'react';
import { ApiFailure, sentenceOf } from '../data/failure.ts';
import classes from './form.module.css';
import { Failure } from './notice.tsx';

export interface FormProps {
  readonly onSubmit: () => void;
  readonly onLeave?: (() => void) | undefined;
  readonly children: ReactNode;
}

export function Form({ onSubmit, onLeave, children }: FormProps) {
  return (
    <form
      className={classes.form}
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        onSubmit();
      }}
      onKeyDown={(event) => {
        // A list that is open takes Escape for itself.
        if (event.key === 'Escape' && !event.defaultPrevented && !hasOpenList(event.target)) onLeave?.();
      }}
    >
      {children}
    </form>
  );
}

const hasOpenList = (target: EventTarget): boolean =>
  target instanceof Element && target.getAttribute('aria-expanded') === 'true';

export interface FormFootProps {
  /** The verb: `Make the token`. */
  readonly button: string;
  readonly busy: boolean;
  readonly disabled?: boolean | undefined;
  readonly onLeave?: (() => void) | undefined;
  /** The same act by other ways. */
  readonly copy?: ReactNode;
}

/** The end of a form: the same in a terminal, the way out, and the button that sends it. */
export function FormFoot({ button, busy, disabled, onLeave, copy }: FormFootProps) {
  return (
    <Group justify={copy === undefined ? 'flex-end' : 'space-between'}>
      {copy}
      <Group gap="xs">
        {onLeave !== undefined && (
          <Button variant="default" onClick={onLeave}>
            Cancel
          </Button>
        )}
        <Button type="submit" loading={busy} disabled={disabled ?? false}>
          {button}
        </Button>
      </Group>
    </Group>
  );
}

/** The refused field's sentence under its name, for each input's `error`; the field gets the focus. */
export function useFields<Field extends string>(
  failure: unknown,
  fields: readonly Field[],
): Readonly<Partial<Record<Field, string>>> {
  const refused = failure instanceof ApiFailure ? fields.find((field) => field === failure.field) : undefined;
  const told = useRef<unknown>(undefined);
  useEffect(() => {
    if (refused === undefined || told.current === failure) return;
    told.current = failure;
    document.querySelector<HTMLElement>('form [aria-invalid="true"]')?.focus();
  }, [failure, refused]);
  return (refused === undefined ? {} : { [refused]: sentenceOf(failure) }) as Partial<Record<Field, string>>;
}

/** What went wrong and belongs to no field of the form. */
export function FormError({
  of: failure,
  fields,
}: {
  readonly of: unknown;
  readonly fields: readonly string[];
}) {
  const field = failure instanceof ApiFailure ? failure.field : undefined;
  return field !== undefined && fields.includes(field) ? null : <Failure of={failure} />;
}

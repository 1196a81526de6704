/**
 * A form that sends one request: its fields are bound by their names in the API, so that each refusal stands beside the field
 * that it is about; and it can be copied as the command, and as the call of the API, that do the same.
 */
import type { ChangeEvent, ReactNode } from 'react';
import type { RouteName } from '../../../src/contract/routes.ts';
import { api } from '../data/api.ts';
import { useChange } from '../data/change.ts';
import type { Answer, Asked } from '../data/client.ts';
import { apiCall } from '../data/command-line.ts';
import { CopyAs } from '../design/copy-as.tsx';
import { Form, FormError, FormFoot, useFields } from '../design/form.tsx';

export interface Sending<Name extends RouteName, Field extends string> {
  readonly route: Name;
  readonly busy: boolean;
  readonly failure: Error | null;
  readonly send: (asked: Asked<Name>, onFailure?: (thrown: Error) => void) => void;
  /** What was refused and belongs to no field. */
  readonly error: ReactNode;
  /** What is refused about a field. */
  readonly errorOf: (field: Field) => string | undefined;
  /** Binds a field for text. */
  readonly text: (field: Field, value: string, set: (value: string) => void) => BoundText;
  /** Binds a choice of one. */
  readonly choice: <Value extends string>(
    field: Field,
    value: Value,
    set: (value: Value) => void,
  ) => BoundChoice;
}

interface BoundText {
  readonly value: string;
  readonly onChange: (event: ChangeEvent<HTMLInputElement | HTMLTextAreaElement>) => void;
  readonly error: string | undefined;
}

interface BoundChoice {
  readonly value: string;
  readonly onChange: (value: string | null) => void;
  readonly allowDeselect: false;
  readonly error: string | undefined;
}

export function useSending<Name extends RouteName, Field extends string>(
  route: Name,
  fields: readonly Field[],
  onDone: (answer: Answer<Name>) => void,
): Sending<Name, Field> {
  const change = useChange(route, { onDone });
  const errors = useFields(change.error, fields);
  return {
    route,
    busy: change.isPending,
    failure: change.error,
    send: (asked, onFailure) => change.mutate(asked, onFailure === undefined ? {} : { onError: onFailure }),
    error: <FormError of={change.error} fields={fields} />,
    errorOf: (field) => errors[field],
    text: (field, value, set) => ({
      value,
      onChange: (event) => set(event.currentTarget.value),
      error: errors[field],
    }),
    choice: (field, value, set) => ({
      value,
      onChange: (chosen) => set((chosen as typeof value | null) ?? value),
      allowDeselect: false,
      error: errors[field],
    }),
  };
}

export interface SentFormProps<Name extends RouteName, Field extends string> {
  readonly of: Sending<Name, Field>;
  /** What is sent, as the fields are now. */
  readonly asked: Asked<Name>;
  readonly button: string;
  readonly disabled?: boolean;
  readonly onLeave?: () => void;
  /** The command that does the same; with it stands the call of the API. Absent where a password would be in them. */
  readonly command?: string;
  /** What stands in that call in place of what is sent: where it holds a secret, or a name that is not typed yet. */
  readonly shown?: Asked<Name>;
  readonly children: ReactNode;
}

export function SentForm<Name extends RouteName, Field extends string>(props: SentFormProps<Name, Field>) {
  const { of: sending, asked, shown = asked, button, disabled, onLeave, command, children } = props;
  return (
    <Form onSubmit={() => sending.send(asked)} onLeave={onLeave}>
      {children}
      {sending.error}
      <FormFoot
        button={button}
        busy={sending.busy}
        disabled={disabled}
        onLeave={onLeave}
        copy={command && <CopyAs command={command} call={callOf(sending.route, shown)} />}
      />
    </Form>
  );
}

/** The request as `curl` sends it. */
export const callOf = <Name extends RouteName>(route: Name, asked: Asked<Name>): string =>
  apiCall(location.origin, api.line(route, asked), asked.body);

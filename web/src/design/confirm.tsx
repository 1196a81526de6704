/** Asks before something that ends what runs, or that can't be undone, and says what it will do. */
import { Button, Group, Modal, TextInput } from '@mantine/core';
import { type ReactNode, useState, useSyncExternalStore } from 'react';
import classes from './confirm.module.css';

export interface Question {
  readonly title: string;
  /** What it will do to what is running, in sentences. */
  readonly text: ReactNode;
  /** The verb: `Stop mailer`. */
  readonly button: string;
  readonly danger?: boolean;
  /** This word has to be typed first: for what can't be undone. */
  readonly typed?: string;
}

interface Asked extends Question {
  readonly answer: (yes: boolean) => void;
}

let asked: Asked | undefined;
const listeners = new Set<() => void>();
function show(next: Asked | undefined): void {
  asked = next;
  for (const each of listeners) each();
}

/** Resolves when the person has decided. A second question takes the place of the first, which then is answered no. */
export function confirm(question: Question): Promise<boolean> {
  asked?.answer(false);
  return new Promise((answer) => show({ ...question, answer }));
}

export function ConfirmDialog() {
  const question = useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => asked,
  );
  const close = (yes: boolean) => {
    question?.answer(yes);
    show(undefined);
  };
  return (
    <Modal opened={question !== undefined} onClose={() => close(false)} title={question?.title} size="md">
      {question && <Body question={question} close={close} />}
    </Modal>
  );
}

function Body({ question, close }: { readonly question: Asked; readonly close: (yes: boolean) => void }) {
  const [typed, setTyped] = useState('');
  const ready = question.typed === undefined || typed === question.typed;
  return (
    <form
      className={classes.body}
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) close(true);
      }}
    >
      <div>{question.text}</div>
      {question.typed !== undefined && (
        <TextInput
          data-autofocus
          label={`Type ${question.typed} to go on`}
          value={typed}
          onChange={(event) => setTyped(event.currentTarget.value)}
          autoComplete="off"
        />
      )}
      <Group justify="flex-end" gap="xs">
        <Button variant="default" onClick={() => close(false)}>
          Cancel
        </Button>
        <Button
          type="submit"
          color={question.danger ? 'red' : undefined}
          disabled={!ready}
          data-autofocus={question.typed === undefined || undefined}
        >
          {question.button}
        </Button>
      </Group>
    </form>
  );
}

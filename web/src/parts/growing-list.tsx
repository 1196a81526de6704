/**
 * A page with a list that people add to: the button, the form that it opens, what is told once of what was made, and the list.
 */
import { Button } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { List } from '../../../src/contract/wire.ts';
import { Icon } from '../design/icon.tsx';
import { Loaded, Page, PageHead, Section } from '../design/page.tsx';
import { type Column, Table } from '../design/table.tsx';

export interface GrowingListProps<Item, Made> {
  readonly title: string;
  /** The noun on the button: `Token`. */
  readonly add: string;
  /** The form, which leaves by itself when it has made something. */
  readonly form: (leave: () => void, onMade: (made: Made) => void) => ReactNode;
  /** What is told once. */
  readonly told: (made: Made, onDone: () => void) => ReactNode;
  readonly query: {
    readonly data: List<Item> | undefined;
    readonly error: Error | null;
    readonly isPending: boolean;
  };
  readonly label: string;
  /** `tell` shows something that is told once. */
  readonly columns: (tell: (made: Made) => void) => readonly Column<Item>[];
  readonly keyOf: (item: Item) => string;
  readonly empty?: ReactNode;
}

export function GrowingList<Item, Made>(props: GrowingListProps<Item, Made>) {
  const { title, add, form, told, query, label, columns, keyOf, empty } = props;
  const [adding, setAdding] = useState(false);
  const [made, setMade] = useState<Made>();
  const leave = () => setAdding(false);
  return (
    <Page title={title}>
      <PageHead
        title={title}
        actions={
          <Button data-add leftSection={<Icon name="plus" />} onClick={() => setAdding(true)}>
            {add}
          </Button>
        }
      />
      {made !== undefined && told(made, () => setMade(undefined))}
      {adding && (
        <Section title={`New ${add.toLowerCase()}`}>
          {form(leave, (what) => {
            leave();
            setMade(what);
          })}
        </Section>
      )}
      <Loaded query={query}>
        {({ items }) => (
          <Section flush>
            {items.length === 0 && empty !== undefined ? (
              empty
            ) : (
              <Table label={label} columns={columns(setMade)} rows={items} keyOf={keyOf} />
            )}
          </Section>
        )}
      </Loaded>
    </Page>
  );
}

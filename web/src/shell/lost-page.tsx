/** An address that leads nowhere, and a page that broke. */
import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { sentenceOf } from '../data/failure.ts';
import { EmptyState } from '../design/empty-state.tsx';
import { Page } from '../design/page.tsx';

export function LostPage() {
  return (
    <Page title="Not found">
      <EmptyState
        title="There is no such page"
        action={
          <Button component={Link} to="/">
            All environments
          </Button>
        }
      >
        The address may be mistyped, or what it names was removed.
      </EmptyState>
    </Page>
  );
}

export function BrokenPage({ error }: { readonly error: unknown }) {
  return (
    <Page title="Broken">
      <EmptyState
        title="This page broke"
        action={<Button onClick={() => location.reload()}>Load it again</Button>}
      >
        {sentenceOf(error)} Jobs are not touched by that.
      </EmptyState>
    </Page>
  );
}

/** The deploy hook: an address that deploys when it is called. Its secret is told once. */
import { Button, Group } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '../../data/api.ts';
import { readAnew } from '../../data/change.ts';
import { ApiFailure } from '../../data/failure.ts';
import { confirm } from '../../design/confirm.tsx';
import { Moment } from '../../design/moment.tsx';
import { Failure } from '../../design/notice.tsx';
import { Section } from '../../design/page.tsx';
import { toastFailure } from '../../design/toasts.tsx';
import { SecretLine } from '../../design/told-once.tsx';
import { act } from '../../parts/act.ts';
import classes from './settings-page.module.css';

export function DeployHook({ environment }: { readonly environment: string }) {
  const params = { environment };
  const hook = useQuery({ ...read('deployHook', { params }), retry: false });
  const [told, setTold] = useState<string>();
  const isMissing = hook.error instanceof ApiFailure && hook.error.status === 404;
  const exists = hook.data !== undefined && !isMissing;
  const make = async () => {
    const yes =
      !exists ||
      (await confirm({
        title: 'Give the hook another secret?',
        text: 'Whoever calls the old address is refused from now on.',
        button: 'Another secret',
        danger: true,
      }));
    if (!yes) return;
    try {
      const made = await api.call('rotateDeployHook', { params });
      // This page came from the daemon: its address is one that others reach it by.
      setTold(made.url ?? location.origin + made.path);
    } catch (thrown) {
      toastFailure(thrown);
    } finally {
      void readAnew({ params });
    }
  };
  const remove = async () => {
    const yes = await confirm({
      title: 'Take the deploy hook away?',
      text: 'Whoever calls its address is refused from now on.',
      button: 'Take it away',
      danger: true,
    });
    if (yes && (await act('removeDeployHook', { params }, 'The deploy hook is taken away.')))
      setTold(undefined);
  };
  return (
    <Section title="Deploy hook">
      <div className={classes.hook}>
        <p className={classes.dim}>
          An address that deploys when it is called (POST), for a pipeline that lays the code by itself.{' '}
          {exists && (
            <>
              Made <Moment at={hook.data.createdAt} />,{' '}
              {hook.data.usedAt === null ? (
                'not called yet.'
              ) : (
                <>
                  called last <Moment at={hook.data.usedAt} />.
                </>
              )}
            </>
          )}
        </p>
        {!isMissing && <Failure of={hook.error} />}
        {told !== undefined && <SecretLine secret={told} copied="The address is copied." />}
        {told !== undefined && <p className={classes.dim}>It is shown only now.</p>}
        <Group gap="xs">
          <Button variant="default" onClick={() => void make()}>
            {exists ? 'Another secret …' : 'Make a deploy hook'}
          </Button>
          {exists && (
            <Button variant="outline" color="red" onClick={() => void remove()}>
              Take it away …
            </Button>
          )}
        </Group>
      </div>
    </Section>
  );
}

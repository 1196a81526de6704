/** Keys: `/` searches, `n` adds, `?` lists the keys, `g` and a letter go places. Never while somebody types. */
import { Modal } from '@mantine/core';
import { useNavigate, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import classes from './keys.module.css';

const rows = [
  [['/'], 'Search on this page'],
  [['?'], 'Show these keys'],
  [['g', 'e'], 'All environments'],
  [['g', 'j'], 'Jobs of this environment'],
  [['g', 'r'], 'Runs of this environment'],
  [['g', 'l'], 'Logs of this environment'],
  [['g', 'm'], 'Metrics of this environment'],
  [['g', 'd'], 'Deployments of this environment'],
  [['n'], 'A new one of what this page lists'],
  [['Esc'], 'Leave a dialog or a form'],
  [['Enter'], 'Send the form'],
] as const;

/** Below the environment, by the letter after `g`. */
const pages: Readonly<Record<string, string>> = {
  j: '',
  r: '/runs',
  l: '/logs',
  m: '/metrics',
  d: '/deployments',
};

/** A second key counts as the second of two for so long. */
const secondKeyMs = 1_500;
const showEvent = 'nightshift-show-keys';

export const showKeys = (): void => void window.dispatchEvent(new Event(showEvent));

export function Keys() {
  const navigate = useNavigate();
  const { environment } = useParams({ strict: false }) as { environment?: string };
  const [shown, setShown] = useState(false);

  useEffect(() => {
    const show = () => setShown(true);
    window.addEventListener(showEvent, show);
    return () => window.removeEventListener(showEvent, show);
  }, []);

  useEffect(() => {
    let first = '';
    let firstAt = 0;
    const go = (letter: string): boolean => {
      const page = pages[letter];
      if (letter === 'e') void navigate({ to: '/' });
      else if (environment === undefined || page === undefined) return false;
      else void navigate({ to: `/environments/${environment}${page}` as string });
      return true;
    };
    const press = (event: KeyboardEvent) => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target) || dialogIsOpen()) return;
      const isSecond = first === 'g' && event.timeStamp - firstAt < secondKeyMs;
      first = event.key;
      firstAt = event.timeStamp;
      if (isSecond && go(event.key)) event.preventDefault();
      else if (event.key === '?') setShown(true);
      else if (event.key === 'n') {
        const add = document.querySelector<HTMLElement>('[data-add]');
        add?.click();
        if (add !== null) event.preventDefault();
      } else if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-search]');
        if (field === null) return;
        event.preventDefault();
        field.focus();
        field.select();
      }
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, [navigate, environment]);

  return (
    <Modal opened={shown} onClose={() => setShown(false)} title="Keys" size="sm">
      <dl className={classes.keys}>
        {rows.map(([keys, does]) => (
          <div key={does}>
            <dt>
              {keys.map((key) => (
                <kbd key={key}>{key}</kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement &&
  (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

const dialogIsOpen = (): boolean => document.querySelector('[role="dialog"]') !== null;

import { TextInput } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import { Icon } from './icon.tsx';
import classes from './search-field.module.css';

export interface SearchFieldProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Found by the key `/`; Escape empties and leaves it. */
export function SearchField({ label, text, onChange }: SearchFieldProps) {
  const field = useRef<HTMLInputElement>(null);
  // The text stands in the address, which follows a moment later: who types quickly would lose letters to it.
  const [typed, setTyped] = useState(text);
  useEffect(() => {
    if (document.activeElement !== field.current) setTyped(text);
  }, [text]);
  const change = (next: string) => {
    setTyped(next);
    onChange(next);
  };
  return (
    <TextInput
      ref={field}
      size="xs"
      className={classes.field}
      data-search
      aria-label={label}
      placeholder={label}
      leftSection={<Icon name="search" size={14} />}
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        change('');
        event.currentTarget.blur();
      }}
    />
  );
}

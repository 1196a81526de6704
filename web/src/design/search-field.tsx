import { TextInput } from '@mantine/core';
import { Icon } from './icon.tsx';
import classes from './search-field.module.css';

export interface SearchFieldProps {
  readonly label: string;
  readonly text: string;
  readonly onChange: (text: string) => void;
}

/** Found by the key `/`; Escape empties and leaves it. */
export function SearchField({ label, text, onChange }: SearchFieldProps) {
  return (
    <TextInput
      size="xs"
      className={classes.field}
      data-search
      aria-label={label}
      placeholder={label}
      leftSection={<Icon name="search" size={14} />}
      value={text}
      onChange={(event) => onChange(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        onChange('');
        event.currentTarget.blur();
      }}
    />
  );
}

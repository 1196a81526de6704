/** From one environment to another, by name. */
import { Combobox, UnstyledButton, useCombobox } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { read } from '../data/api.ts';
import { Icon } from '../design/icon.tsx';
import classes from './environment-switcher.module.css';

const shownMax = 50;

export function EnvironmentSwitcher({ current }: { readonly current: string | undefined }) {
  const navigate = useNavigate();
  const { data } = useQuery(read('environments'));
  const [search, setSearch] = useState('');
  const combobox = useCombobox({
    onDropdownOpen: () => combobox.focusSearchInput(),
    onDropdownClose: () => {
      combobox.resetSelectedOption();
      setSearch('');
    },
  });
  const names = (data?.items ?? []).map(({ name }) => name).filter((name) => name.includes(search.trim()));
  if (current === undefined && (data?.items.length ?? 0) === 0) return null;
  return (
    <Combobox
      store={combobox}
      width={260}
      position="bottom-start"
      onOptionSubmit={(name) => {
        combobox.closeDropdown();
        void navigate({ to: '/environments/$environment', params: { environment: name } });
      }}
    >
      <Combobox.Target>
        <UnstyledButton
          className={classes.switch}
          aria-label={
            current === undefined ? 'Choose an environment' : `Environment ${current}, choose another`
          }
          onClick={() => combobox.toggleDropdown()}
        >
          <span className={classes.slash}>/</span>
          <span className={current === undefined ? classes.none : classes.name}>
            {current ?? 'environment'}
          </span>
          <Icon name="down" size={14} />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          value={search}
          onChange={(event) => {
            setSearch(event.currentTarget.value);
            combobox.updateSelectedOptionIndex();
          }}
          placeholder="Search"
          aria-label="Search environments"
        />
        <Combobox.Options className={classes.options}>
          {names.slice(0, shownMax).map((name) => (
            <Combobox.Option key={name} value={name} active={name === current}>
              {name}
            </Combobox.Option>
          ))}
          {names.length === 0 && <Combobox.Empty>No such environment</Combobox.Empty>}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

/** Add a job. */
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import type { Environment } from '../../../../src/contract/environment.ts';
import { read } from '../../data/api.ts';
import { useChange } from '../../data/change.ts';
import { commandLine } from '../../data/command-line.ts';
import { useEnvironmentName } from '../../data/place.ts';
import { CopyAs } from '../../design/copy-as.tsx';
import { Loaded, Page, PageHead } from '../../design/page.tsx';
import { toast } from '../../design/toasts.tsx';
import { callOf } from '../../parts/sent-form.tsx';
import { JobForm } from './job-form.tsx';
import { placesInWords } from './places.ts';
import { emptyForm, type FieldErrors, newJobOf, optionsOf, readForm } from './settings.ts';

export function NewJobPage() {
  const environment = useEnvironmentName();
  const facts = useQuery(read('environment', { params: { environment } }));
  return (
    <Page title={`New job in ${environment}`} narrow>
      <PageHead title="New job" facts={facts.data && <span>{placesInWords(facts.data)}</span>} />
      <Loaded query={facts}>{(found) => <NewJob environment={found} />}</Loaded>
    </Page>
  );
}

function NewJob({ environment }: { readonly environment: Environment }) {
  const navigate = useNavigate();
  const [values, setValues] = useState(emptyForm);
  const [errors, setErrors] = useState<FieldErrors>({});
  const params = { environment: environment.name };
  const leave = () => void navigate({ to: '/environments/$environment', params });
  const add = useChange('addJob', {
    onDone: ({ name, type }) => {
      toast(`The ${type} ${name} is added.`);
      leave();
    },
  });
  const read = readForm(values);
  const settings = 'settings' in read ? read.settings : {};
  const body = newJobOf(values, settings);
  return (
    <JobForm
      isNew
      environment={environment}
      values={values}
      onChange={(next) => {
        setValues(next);
        setErrors({});
        if (add.isError) add.reset();
      }}
      onLeave={leave}
      onSubmit={() => {
        if ('errors' in read) setErrors(read.errors);
        else add.mutate({ params, query: { wait: 'false' }, body });
      }}
      busy={add.isPending}
      button={`Add the ${values.type}`}
      failure={add.error}
      errors={errors}
      copy={
        <CopyAs
          command={commandLine(
            'job',
            'add',
            environment.name,
            values.name || 'NAME',
            values.type,
            ...optionsOf(settings),
          )}
          call={callOf('addJob', { params, body })}
        />
      }
    />
  );
}

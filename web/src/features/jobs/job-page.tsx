/** A job: why is it like this? */
import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { read } from '../../data/api.ts';
import { useEnvironmentName, useJobName } from '../../data/place.ts';
import { Icon } from '../../design/icon.tsx';
import { Loaded, Page, PageHead } from '../../design/page.tsx';
import { StateBadge } from '../../design/state-badge.tsx';
import { JobMenu } from '../../parts/job-menu.tsx';

export function JobPage() {
  const environment = useEnvironmentName();
  const name = useJobName();
  const navigate = useNavigate();
  const job = useQuery(read('job', { params: { environment, job: name } }));
  return (
    <Page title={`${name} in ${environment}`}>
      <Loaded query={job}>
        {(found) => (
          <PageHead
            title={name}
            facts={
              <>
                <StateBadge job={found} />
                <span>{found.reason}</span>
              </>
            }
            actions={
              <>
                <Button
                  variant="default"
                  leftSection={<Icon name="edit" />}
                  component={Link}
                  to="/environments/$environment/jobs/$job/edit"
                  params={{ environment, job: name } as never}
                >
                  Edit
                </Button>
                <JobMenu
                  job={found}
                  onRemoved={() =>
                    void navigate({ to: '/environments/$environment', params: { environment } })
                  }
                />
              </>
            }
          />
        )}
      </Loaded>
    </Page>
  );
}

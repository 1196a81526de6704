/** Every page and its address. A page is loaded when it is gone to; only the shell, the overview and the list of jobs come at once. */
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import { queryClient, read } from '../data/api.ts';
import { OverviewPage } from '../features/environments/overview-page.tsx';
import { JobsPage } from '../features/jobs/jobs-page.tsx';
import { firstJobsOf } from '../parts/jobs/use-jobs.ts';
import { EnvironmentLayout } from './environment-layout.tsx';
import { Layout } from './layout.tsx';
import { BrokenPage, LostPage } from './lost-page.tsx';

const root = createRootRoute({ notFoundComponent: LostPage });

// Before the log-in.
const logIn = createRoute({
  getParentRoute: () => root,
  path: '/log-in',
  component: lazyRouteComponent(() => import('../features/accounts/log-in-page.tsx'), 'LogInPage'),
});
const setUp = createRoute({
  getParentRoute: () => root,
  path: '/set-up',
  component: lazyRouteComponent(() => import('../features/accounts/link-page.tsx'), 'LinkPage'),
});
const invitation = createRoute({
  getParentRoute: () => root,
  path: '/invitation',
  component: lazyRouteComponent(() => import('../features/accounts/link-page.tsx'), 'LinkPage'),
});

// Behind it.
const frame = createRoute({ getParentRoute: () => root, id: 'frame', component: Layout });
const account = createRoute({
  getParentRoute: () => frame,
  path: '/account',
  component: lazyRouteComponent(() => import('../features/accounts/account-page.tsx'), 'AccountPage'),
});

const overview = createRoute({ getParentRoute: () => frame, path: '/', component: OverviewPage });
const newEnvironment = createRoute({
  getParentRoute: () => frame,
  path: '/new-environment',
  component: lazyRouteComponent(
    () => import('../features/environments/new-environment-page.tsx'),
    'NewEnvironmentPage',
  ),
});

const environment = createRoute({
  getParentRoute: () => frame,
  path: '/environments/$environment',
  component: EnvironmentLayout,
});
const jobs = createRoute({
  getParentRoute: () => environment,
  path: '/',
  // Asked for before the page is drawn: the list is there as soon as it can be.
  loader: ({ params: { environment: name } }) => {
    void queryClient.prefetchQuery(read('environment', { params: { environment: name } }));
    void queryClient.prefetchQuery(firstJobsOf(name));
  },
  component: JobsPage,
});
const newJob = createRoute({
  getParentRoute: () => environment,
  path: '/new-job',
  component: lazyRouteComponent(() => import('../features/jobs/new-job-page.tsx'), 'NewJobPage'),
});
const editJob = createRoute({
  getParentRoute: () => environment,
  path: '/jobs/$job/edit',
  component: lazyRouteComponent(() => import('../features/jobs/edit-job-page.tsx'), 'EditJobPage'),
});
const job = createRoute({
  getParentRoute: () => environment,
  path: '/jobs/$job',
  component: lazyRouteComponent(() => import('../features/job/job-page.tsx'), 'JobPage'),
});
const component = createRoute({
  getParentRoute: () => environment,
  path: '/component',
  component: lazyRouteComponent(() => import('../features/component/component-page.tsx'), 'ComponentPage'),
});
const variables = createRoute({
  getParentRoute: () => environment,
  path: '/variables',
  component: lazyRouteComponent(() => import('../features/variables/variables-page.tsx'), 'VariablesPage'),
});
const logs = createRoute({
  getParentRoute: () => environment,
  path: '/logs',
  component: lazyRouteComponent(() => import('../features/logs/logs-page.tsx'), 'LogsPage'),
});
const runs = createRoute({
  getParentRoute: () => environment,
  path: '/runs',
  component: lazyRouteComponent(() => import('../features/runs/runs-page.tsx'), 'RunsPage'),
});
const run = createRoute({
  getParentRoute: () => environment,
  path: '/runs/$run',
  component: lazyRouteComponent(() => import('../features/runs/run-page.tsx'), 'RunPage'),
});
const metrics = createRoute({
  getParentRoute: () => environment,
  path: '/metrics',
  component: lazyRouteComponent(() => import('../features/metrics/metrics-page.tsx'), 'MetricsPage'),
});
const deployments = createRoute({
  getParentRoute: () => environment,
  path: '/deployments',
  component: lazyRouteComponent(
    () => import('../features/deployments/deployments-page.tsx'),
    'DeploymentsPage',
  ),
});
const deployment = createRoute({
  getParentRoute: () => environment,
  path: '/deployments/$deployment',
  component: lazyRouteComponent(
    () => import('../features/deployments/deployment-page.tsx'),
    'DeploymentPage',
  ),
});
const activity = createRoute({
  getParentRoute: () => environment,
  path: '/activity',
  component: lazyRouteComponent(() => import('../features/activity/activity-page.tsx'), 'ActivityPage'),
});
const access = createRoute({
  getParentRoute: () => environment,
  path: '/access',
  component: lazyRouteComponent(() => import('../features/access/access-page.tsx'), 'AccessPage'),
});
const alerts = createRoute({
  getParentRoute: () => environment,
  path: '/alerts',
  component: lazyRouteComponent(() => import('../features/alerts/alerts-page.tsx'), 'AlertsPage'),
});
const settings = createRoute({
  getParentRoute: () => environment,
  path: '/settings',
  component: lazyRouteComponent(() => import('../features/settings/settings-page.tsx'), 'SettingsPage'),
});
const machineActivity = createRoute({
  getParentRoute: () => frame,
  path: '/activity',
  component: lazyRouteComponent(
    () => import('../features/activity/activity-page.tsx'),
    'MachineActivityPage',
  ),
});
const users = createRoute({
  getParentRoute: () => frame,
  path: '/users',
  component: lazyRouteComponent(() => import('../features/people/users-page.tsx'), 'UsersPage'),
});
const tokens = createRoute({
  getParentRoute: () => frame,
  path: '/tokens',
  component: lazyRouteComponent(() => import('../features/people/tokens-page.tsx'), 'TokensPage'),
});
const incidents = createRoute({
  getParentRoute: () => frame,
  path: '/incidents',
  component: lazyRouteComponent(() => import('../features/activity/incidents-page.tsx'), 'IncidentsPage'),
});

const machineAlerts = createRoute({
  getParentRoute: () => frame,
  path: '/alerts',
  component: lazyRouteComponent(() => import('../features/alerts/alerts-page.tsx'), 'MachineAlertsPage'),
});

const tree = root.addChildren([
  logIn,
  setUp,
  invitation,
  frame.addChildren([
    overview,
    newEnvironment,
    account,
    machineActivity,
    incidents,
    machineAlerts,
    users,
    tokens,
    environment.addChildren([
      jobs,
      newJob,
      job,
      editJob,
      component,
      variables,
      logs,
      runs,
      run,
      metrics,
      deployments,
      deployment,
      activity,
      access,
      alerts,
      settings,
    ]),
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  defaultPreload: 'intent',
  scrollRestoration: true,
  defaultErrorComponent: BrokenPage,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

/** The pages of an environment, in the order of their tabs. */
export const environmentTabs = [
  { to: '/environments/$environment', word: 'Jobs' },
  { to: '/environments/$environment/runs', word: 'Runs' },
  { to: '/environments/$environment/logs', word: 'Logs' },
  { to: '/environments/$environment/metrics', word: 'Metrics' },
  { to: '/environments/$environment/deployments', word: 'Deployments' },
  { to: '/environments/$environment/variables', word: 'Variables' },
  { to: '/environments/$environment/access', word: 'Access' },
  { to: '/environments/$environment/alerts', word: 'Alerts' },
  { to: '/environments/$environment/activity', word: 'Activity' },
  { to: '/environments/$environment/component', word: 'Component' },
  { to: '/environments/$environment/settings', word: 'Settings' },
] as const satisfies readonly { to: string; word: string }[];

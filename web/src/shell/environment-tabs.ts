/** The pages of an environment, in the order of their tabs. */
export const environmentTabs = [
  { to: '/environments/$environment', word: 'Jobs' },
  { to: '/environments/$environment/variables', word: 'Variables' },
  { to: '/environments/$environment/component', word: 'Component' },
] as const satisfies readonly { to: string; word: string }[];

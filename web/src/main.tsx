import './react-first.ts';
import './design/mantine.css';
import './design/theme.css';
import { localStorageColorSchemeManager, MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { queryClient } from './data/api.ts';
import { readSession } from './data/session.ts';
import { ConfirmDialog } from './design/confirm.tsx';
import { theme } from './design/theme.ts';
import { Toasts } from './design/toasts.tsx';
import { router } from './shell/router.tsx';

// Nothing behind the log-in is shown before it is known.
if (!/^\/(log-in|set-up|invitation)/.test(location.pathname)) readSession();

const colorSchemes = localStorageColorSchemeManager({ key: 'nightshift-color-scheme' });
const page = document.getElementById('page');
if (page === null) throw new Error('the page has no element to stand in');

createRoot(page).render(
  <StrictMode>
    {/* No style is written when the page runs: variables and classes come from files (design/mantine.css). */}
    <MantineProvider
      theme={theme}
      defaultColorScheme="auto"
      colorSchemeManager={colorSchemes}
      withCssVariables={false}
      withGlobalClasses={false}
    >
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
        <ConfirmDialog />
        <Toasts />
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
);

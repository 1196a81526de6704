/** Builds the dashboard to web/dist. In development `npx vite web` serves it, and passes the API on to NIGHTSHIFT_URL. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compressed } from './compressed.ts';
import { firstFile } from './first-file.ts';
import { routeTable } from './route-table.ts';

const daemon = process.env.NIGHTSHIFT_URL ?? 'http://127.0.0.1:8484';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), routeTable(), compressed()],
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    target: 'es2023',
    // The policy of the page lets nothing run or be shown that does not come as a file.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      output: {
        codeSplitting: { groups: [{ name: firstFile(), includeDependenciesRecursively: false }] },
      },
    },
    license: { fileName: 'licences.txt' },
  },
  server: { proxy: { '/api': { target: daemon, ws: true, changeOrigin: false } } },
});

// Dark or light before the first paint: what was chosen on this device, else what the system says.
(() => {
  let chosen = 'auto';
  try {
    chosen = localStorage.getItem('nightshift-color-scheme') ?? 'auto';
  } catch {
    // Storage is closed to this page: the system decides.
  }
  const dark =
    chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();

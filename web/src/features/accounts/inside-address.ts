/** Where to go on after the log-in: only a path of this dashboard, whatever the address asked for. */
export function insideAddress(asked: unknown): string {
  if (typeof asked !== 'string' || !asked.startsWith('/')) return '/';
  const address = new URL(asked, 'http://dashboard.invalid');
  return address.host === 'dashboard.invalid' ? address.pathname + address.search : '/';
}

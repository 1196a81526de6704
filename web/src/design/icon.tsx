/** The few icons of the dashboard, drawn with one stroke; always beside a word or under a label. */
import type { ReactNode } from 'react';

const paths = {
  close: <path d="M4 4l8 8M12 4l-8 8" />,
  plus: <path d="M8 3v10M3 8h10" />,
  search: (
    <>
      <circle cx="7" cy="7" r="4.2" />
      <path d="M10.2 10.2L13.5 13.5" />
    </>
  ),
  more: (
    <>
      <circle cx="3.5" cy="8" r="0.6" fill="currentColor" />
      <circle cx="8" cy="8" r="0.6" fill="currentColor" />
      <circle cx="12.5" cy="8" r="0.6" fill="currentColor" />
    </>
  ),
  down: <path d="M4 6.5l4 4 4-4" />,
  right: <path d="M6.5 4l4 4-4 4" />,
  copy: (
    <>
      <rect x="5.5" y="5.5" width="7.5" height="7.5" rx="1.5" />
      <path d="M10.5 5.5V4.2A1.2 1.2 0 0 0 9.3 3H4.2A1.2 1.2 0 0 0 3 4.2v5.1a1.2 1.2 0 0 0 1.2 1.2h1.3" />
    </>
  ),
  sun: (
    <>
      <circle cx="8" cy="8" r="2.8" />
      <path d="M8 1.5v1.6M8 12.9v1.6M1.5 8h1.6M12.9 8h1.6M3.4 3.4l1.1 1.1M11.5 11.5l1.1 1.1M3.4 12.6l1.1-1.1M11.5 4.5l1.1-1.1" />
    </>
  ),
  moon: <path d="M13 9.8A5.5 5.5 0 1 1 6.4 2.9a4.6 4.6 0 0 0 6.6 6.9z" />,
  screen: (
    <>
      <rect x="2" y="3" width="12" height="8" rx="1.2" />
      <path d="M6 13.5h4" />
    </>
  ),
  play: <path d="M5 3.2v9.6l7.6-4.8z" />,
  stop: <rect x="4" y="4" width="8" height="8" rx="1" />,
  restart: <path d="M13 8a5 5 0 1 1-1.5-3.6M13 2.2v2.7h-2.7" />,
  pause: <path d="M5.5 3.5v9M10.5 3.5v9" />,
  edit: <path d="M3 13l.6-2.8 7-7 2.2 2.2-7 7zM9.3 4.5l2.2 2.2" />,
  trash: <path d="M3 4.5h10M6.5 4.5V3h3v1.5M4.2 4.5l.6 8.5h6.4l.6-8.5" />,
  eye: (
    <>
      <path d="M1.8 8S4 3.8 8 3.8 14.2 8 14.2 8 12 12.2 8 12.2 1.8 8 1.8 8z" />
      <circle cx="8" cy="8" r="1.9" />
    </>
  ),
  person: (
    <>
      <circle cx="8" cy="5.3" r="2.5" />
      <path d="M3 13.5c.5-2.6 2.5-4 5-4s4.5 1.4 5 4" />
    </>
  ),
  terminal: <path d="M3 4.5L6.5 8 3 11.5M8 12h5" />,
  check: <path d="M3 8.5l3.2 3.2L13 5" />,
  keys: (
    <>
      <rect x="1.5" y="4" width="13" height="8" rx="1.5" />
      <path d="M4.2 6.7h.1M7 6.7h.1M9.8 6.7h.1M12 6.7h.1M5 9.5h6" />
    </>
  ),
  /** Code that goes up and out. */
  deploy: <path d="M8 10V2.8M4.8 5.8L8 2.6l3.2 3.2M3 13h10" />,
  download: <path d="M8 2.5v7.5M4.8 7L8 10.2 11.2 7M3 13h10" />,
} satisfies Record<string, ReactNode>;

export type IconName = keyof typeof paths;

export function Icon({ name, size = 16 }: { readonly name: IconName; readonly size?: number }) {
  return (
    <svg
      viewBox="0 0 16 16"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
    >
      {paths[name]}
    </svg>
  );
}

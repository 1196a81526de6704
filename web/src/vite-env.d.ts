/// <reference types="vite/client" />

declare module 'virtual:route-table' {
  /** Method and path of each route of the contract. */
  export const table: Readonly<Record<string, readonly [method: string, path: string]>>;
  /** The names of server-sent events. */
  export const eventNames: readonly string[];
}

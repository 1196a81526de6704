/** The port by which the use cases make backups; `src/backup` implements it. */
import type { Readable } from 'node:stream';

export interface Backups {
  /**
   * A backup as a stream of bytes, as of the moment of the call. What can be refused is refused before it resolves.
   * @param passphrase seals the secrets; null: they are not in it
   */
  make(passphrase: string | null): Promise<Readable>;
}

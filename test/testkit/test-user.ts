import { userInfo } from 'node:os';
import type { SystemUser } from '../../src/runtimes/runtime.ts';

/** Whom the programs of a test run as: for root somebody without rights (`nobody` on Debian), for others themselves. */
export function testUser(): SystemUser {
  const { username, uid, gid, homedir } = userInfo();
  return uid === 0
    ? { name: 'nobody', uid: 65_534, gid: 65_534, home: '/nonexistent' }
    : { name: username, uid, gid, home: homedir };
}

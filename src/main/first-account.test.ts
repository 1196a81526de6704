import { chmod, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTempFolder, type TempFolder } from '../../test/testkit/temp-folder.ts';
import { dashboardUrl, takeOperatorPassword, warningOfListening } from './first-account.ts';

let folder: TempFolder;
beforeEach(async () => {
  folder = await makeTempFolder('first-account');
});
afterEach(() => folder.dispose());

describe("the operator's password in a file", () => {
  const taken: string[] = [];
  const said: string[] = [];
  let makes = true;
  const control = {
    setUpLink: async () => null,
    takeOperatorPassword: async (password: string) => {
      taken.push(password);
      return makes;
    },
  };
  const take = async (text: string, mode = 0o600): Promise<string> => {
    const file = join(folder.path, 'password');
    await writeFile(file, text);
    await chmod(file, mode);
    await takeOperatorPassword(control, file, (line) => said.push(line));
    return file;
  };
  beforeEach(() => {
    taken.length = 0;
    said.length = 0;
    makes = true;
  });

  it.each(['correct horse', 'correct horse\n', 'correct horse\r\n'])(
    'is all of it but the end of its line: %j',
    async (text) => {
      await take(text);
      expect([taken, said]).toEqual([['correct horse'], []]);
    },
  );

  it('may begin and end with blanks', async () => {
    await take(' correct horse \n');
    expect(taken).toEqual([' correct horse ']);
  });

  it('that others can read is said to be so', async () => {
    const file = await take('correct horse', 0o644);
    expect(said).toEqual([expect.stringContaining(`chmod 600 ${file}`)]);
  });

  it('is said to be passed over where the account is there already', async () => {
    makes = false;
    await take('correct horse');
    expect(said).toEqual([expect.stringContaining('is there already')]);
  });

  it('that is not there ends the start with a sentence', async () => {
    const missing = join(folder.path, 'none');
    await expect(takeOperatorPassword(control, missing, () => undefined)).rejects.toThrow(
      `the operator's password can't be read from ${missing} (ENOENT): put it there in one line`,
    );
  });
});

describe('a dashboard that listens', () => {
  it.each(['127.0.0.1:8484', 'localhost:8484', '[::1]:8484', '127.0.0.53:1'])(
    'at %s is for this machine',
    (address) => expect(warningOfListening(address, [])).toBeNull(),
  );
  it.each(['0.0.0.0:8484', '192.0.2.7:8484', '[::]:8484', 'jobs.example.org:80'])(
    'at %s without TLS is warned of, unless a proxy is named',
    (address) => {
      expect(warningOfListening(address, [])).toMatch(/without TLS/);
      expect(warningOfListening(address, ['192.0.2.1'])).toBeNull();
    },
  );
  it('everywhere is found by the name of the machine', () => {
    expect(dashboardUrl('0.0.0.0:8484')).toBe(`http://${hostname()}:8484`);
    expect(dashboardUrl('[::]:8484')).toBe(`http://${hostname()}:8484`);
    expect(dashboardUrl('[::1]:8484')).toBe('http://[::1]:8484');
  });
});

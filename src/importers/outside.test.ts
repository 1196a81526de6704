import { expect, test } from 'vitest';
import type { ImportFormat } from './import-files.ts';
import { imported, notesOf, text } from './importing.testkit.ts';

test.each<[ImportFormat, string, string]>([
  [
    'supervisor',
    '[program:mails]\nnumprocs=2\ncommand=php /var/www/app/artisan --n=%(process_num)d\n',
    '1 /var/www/app/artisan',
  ],
  ['crontab', '0 3 * * * php "/var/www/shop/cron.php" --from=/opt/x\n', '1 /var/www/shop/cron.php'],
  ['procfile', 'worker: sh -c "cd /srv/other/app; exec bin/work"\n', '1 /srv/other/app'],
  ['systemd', '[Service]\nExecStart=/srv/shop-old/bin/mails\n', '2 /srv/shop-old/bin/mails'],
])('a path that jobs will not see is told, in a file of %s', (format, file, note) => {
  const read = imported(format, file, {}, `/srv/from/mails.${format === 'systemd' ? 'service' : format}`);
  expect(notesOf(read).filter((each) => each === `${note}: left out`)).toHaveLength(1);
  expect(read.notes.find(({ directive }) => note.endsWith(directive))?.sentence).toBe(
    'jobs of "shop" see nothing of it, because it lies outside their root /srv/shop: put it there, or make an environment with the --root of that app',
  );
});

test('a path of the machine’s programs, of the root or of an address is not', () => {
  const file = text`
    1 * * * * www-data /usr/bin/php /srv/shop/cron.php /srv/shop/../shop/x
    2 * * * * www-data curl https://example.org/srv/ada /tmp/x ./srv/x ~/var/x
  `;
  expect(imported('crontab', file, {}, '/etc/cron.d/shop').notes).toEqual([]);
});

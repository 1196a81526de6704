import { expect, test } from 'vitest';
import { imported, jobsOf, notesOf, text } from './importing.testkit.ts';

test('process types of a Procfile become workers, without web and release', () => {
  const read = imported(
    'procfile',
    text`
      web: bundle exec puma -C config/puma.rb
      worker: bundle exec sidekiq -c 5
      # Once a minute.
      clock: bundle exec clockwork lib/clock.rb
      release: bin/rails db:migrate
      clock: again
      nonsense
    `,
  );
  expect(jobsOf(read)).toEqual([
    { name: 'worker', type: 'worker', command: 'bundle exec sidekiq -c 5' },
    { name: 'clock', type: 'worker', command: 'bundle exec clockwork lib/clock.rb' },
  ]);
  expect(notesOf(read)).toEqual([
    '1 web: bundle exec puma -C config/puma.rb: left out',
    '5 release: bin/rails db:migrate: left out',
    '6 clock: again: left out',
    '7 nonsense: left out',
  ]);
});

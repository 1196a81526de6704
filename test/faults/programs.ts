/**
 * What runs under the campaign: programs that leave a trace of all they do in their environment's root, beside what Nightshift
 * knows of them. A line is `JOB RUN SEQUENCE`, on standard output or, every fifth, on standard error. In `traces/`:
 *
 *   begun~RUN               the program of this run has begun; its content is JOB, and what it was due for
 *   ended~RUN               it is about to exit: `CODE LINES`, its code and how many lines it has written
 */
import { chmodSync, chownSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const talk = `#!/usr/bin/perl
# talk PAUSE_MS [LINES [WIDTH [FAIL_PERCENT]]]: for ever without LINES; TERM ends it with code 0
use strict; use warnings; use Time::HiRes qw(sleep);
my ($pause, $lines, $width, $fails) = (@ARGV, 0, 0, 0, 0);
my ($job, $run) = @ENV{qw(NIGHTSHIFT_JOB NIGHTSHIFT_RUN_ID)};
my $due = $ENV{NIGHTSHIFT_DUE_AT} // 'none';
my ($said, $asked) = (0, 0);
$SIG{TERM} = sub { $asked = 1 };
sub trace { my ($name, $text) = @_;
  open my $file, '>>', "traces/.$name.$$" or die $!;
  print $file $text or die $!; close $file or die $!;
  rename "traces/.$name.$$", "traces/$name" or die $! }
# A second program of one run would tell itself here.
trace(-e "traces/begun~$run" ? "twice~$run" : "begun~$run", "$job $due");
srand($$ ^ time ^ hex(unpack 'H6', reverse $run));
my $wanted = $lines > 0 ? int($lines * (0.2 + rand 1.6)) + 1 : 0;
until ($asked or ($wanted and $said >= $wanted)) {
  $said++;
  my $line = "$job $run $said" . ($width > 0 ? ' ' . '.' x $width : '') . "\\n";
  syswrite($said % 5 ? *STDOUT : *STDERR, $line);
  sleep($pause * (0.5 + rand) / 1000);
}
my $code = $asked ? 0 : rand(100) < $fails ? 1 + int rand 99 : 0;
trace("ended~$run", "$code $said");
exit $code;
`;

/** Lays the programs into a root folder; the traces belong to the user that the jobs run as. */
export function layPrograms(root: string, user: { readonly uid: number; readonly gid: number }): void {
  writeFileSync(join(root, 'talk'), talk);
  chmodSync(join(root, 'talk'), 0o755);
  const traces = join(root, 'traces');
  mkdirSync(traces);
  chownSync(traces, user.uid, user.gid);
}

/** A job as the API is asked for it. */
export interface JobWish {
  readonly name: string;
  readonly type: 'worker' | 'cron';
  readonly command: string;
  readonly instances?: number;
  readonly interval?: string;
  readonly catchUp?: 'none' | 'latest' | 'all';
  readonly catchUpMaxAgeSeconds?: number;
  readonly exitTimeoutSeconds?: number;
}

/** Runs until it is asked to end. */
export const talker = (name: string, instances = 1): JobWish => ({
  name,
  type: 'worker',
  command: './talk 60',
  instances,
});

/** Writes about 25 KB a second, so that its output is rotated every few seconds when segments are small. */
export const flooder = (name: string): JobWish => ({
  name,
  type: 'worker',
  command: './talk 20 0 500',
});

/** Ends after less than a second, mostly with a code of its own. */
export const crasher = (name: string): JobWish => ({
  name,
  type: 'worker',
  command: './talk 30 10 0 80',
});

/** Due every minute, at a moment of its own; every fourth is over only after some seconds. */
export const cron = (name: string, index: number): JobWish => ({
  name,
  type: 'cron',
  command: index % 4 === 0 ? './talk 150 20 0 10' : './talk 20 8 0 10',
  interval: '1m',
  ...(index % 2 === 0 ? { catchUp: 'all' as const, catchUpMaxAgeSeconds: 86_400 } : {}),
});

/** Runs only when it is asked for. */
export const onDemand = (name: string): JobWish => ({
  name,
  type: 'cron',
  command: './talk 20 8 0 30',
  interval: '1mo',
});

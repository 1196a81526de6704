# A job that prints so many lines a second for so many seconds: perl logs-writer.pl PER_SECOND SECONDS FILE
# Into FILE goes how many it printed, how long it took, and the longest that one write of 100 ms' lines was held up, ms.
use strict;
use warnings;
use Time::HiRes qw(time sleep);

my ($per_second, $seconds, $file) = @ARGV;
my $block = int($per_second / 100) || 1;
my $text = "[2026-11-22 12:00:00] app.INFO: Job 4711 done in 12 ms for user 8f3a\n" x $block;
my ($lines, $worst, $began) = (0, 0, time);
$| = 1;
while ((my $passed = time - $began) < $seconds) {
    my $due = int($passed * $per_second);
    if ($lines < $due) {
        my $before = time;
        print $text;
        my $took = (time - $before) * 1000;
        $worst = $took if $took > $worst;
        $lines += $block;
    } else {
        sleep 0.002;
    }
}
open my $out, '>', "$file.tmp" or die $!;
printf $out '{"lines":%d,"seconds":%.3f,"worstWriteMs":%.1f}', $lines, time - $began, $worst;
close $out;
rename "$file.tmp", $file or die $!;
sleep 1000 while 1;

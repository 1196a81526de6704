<?php

// Makes the thumbnails of what was uploaded, one picture after another, for ever.

declare(strict_types=1);

require __DIR__ . '/src/Queue.php';
require __DIR__ . '/src/thumbnails.php';

$leaving = false;
pcntl_async_signals(true);
pcntl_signal(SIGTERM, function () use (&$leaving): void {
    $leaving = true;
});

$queue = new Queue(__DIR__ . '/var/queue');
echo "ready\n";
while (!$leaving) {
    $task = $queue->take();
    if ($task === null) {
        usleep(100_000);
        continue;
    }
    $began = hrtime(true);
    try {
        makeThumbnails(__DIR__ . "/var/uploads/{$task->what['file']}", __DIR__ . '/public/thumbnails', $task->id);
        printf("%s: %d sizes in %d ms\n", $task->id, count(WIDTHS), (hrtime(true) - $began) / 1e6);
    } catch (RuntimeException $error) {
        // Trying again would not make a picture of it.
        fwrite(STDERR, "{$task->id}: {$error->getMessage()}\n");
    }
    $task->finish();
}
echo "nothing in hand, leaving\n";

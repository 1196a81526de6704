<?php

declare(strict_types=1);

/** A task in somebody's hands: as long as its file is locked, nobody else takes it. */
final class Task
{
    /** @param resource $file */
    public function __construct(
        public readonly string $id,
        public readonly array $what,
        public readonly string $path,
        private $file,
    ) {
    }

    /** It is done, or given up: the task is gone. */
    public function finish(): void
    {
        unlink($this->path);
        fclose($this->file);
    }
}

/**
 * A queue in a folder: a task is a file, and who holds its lock works on it. The kernel lets go of a lock when its process ends, however it
 * ends: no task is lost, and none is worked on twice at a time.
 */
final class Queue
{
    public function __construct(private readonly string $folder)
    {
        if (!is_dir($folder)) {
            mkdir($folder, 0775, true);
        }
    }

    public function put(string $id, array $what): void
    {
        // Nobody sees half a task.
        file_put_contents("{$this->folder}/.$id", json_encode($what, JSON_THROW_ON_ERROR));
        rename("{$this->folder}/.$id", "{$this->folder}/$id.json");
    }

    /** The oldest task that nobody works on. */
    public function take(): ?Task
    {
        foreach (glob("{$this->folder}/*.json") ?: [] as $path) {
            $file = @fopen($path, 'r');
            if ($file === false || !flock($file, LOCK_EX | LOCK_NB)) {
                continue; // somebody was quicker
            }
            // Finished by another one between the list and the lock: a file without a name.
            if (fstat($file)['nlink'] === 0) {
                fclose($file);
                continue;
            }
            $what = json_decode(stream_get_contents($file), true, 16, JSON_THROW_ON_ERROR);
            return new Task(basename($path, '.json'), $what, $path, $file);
        }
        return null;
    }
}

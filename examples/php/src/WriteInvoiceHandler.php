<?php

declare(strict_types=1);

namespace App;

final class WriteInvoiceHandler
{
    private const RENDER_SECONDS = 1.0;

    public function __construct(private readonly string $folder)
    {
    }

    /** Twice does no harm: a message comes again when its worker was killed. */
    public function __invoke(WriteInvoice $message): void
    {
        echo "invoice {$message->order} begun\n";
        if (!is_dir($this->folder)) {
            mkdir($this->folder, 0775, true);
        }
        $part = "{$this->folder}/.{$message->order}";
        file_put_contents($part, $this->render($message->order));
        rename($part, "{$this->folder}/{$message->order}.txt");
        echo "invoice {$message->order} written\n";
    }

    /** Stands for the library that makes a PDF, and takes its time. */
    private function render(int $order): string
    {
        $until = microtime(true) + self::RENDER_SECONDS;
        while (($rest = $until - microtime(true)) > 0) {
            usleep((int) ($rest * 1e6)); // ends early when a signal comes
        }
        return "Invoice for order $order\n";
    }
}

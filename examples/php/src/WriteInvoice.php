<?php

declare(strict_types=1);

namespace App;

/** The message: small, and only what is needed to find the rest. */
final class WriteInvoice
{
    public function __construct(public readonly int $order)
    {
    }
}

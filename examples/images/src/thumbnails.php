<?php

declare(strict_types=1);

const WIDTHS = ['large' => 1600, 'medium' => 640, 'small' => 160];
const KINDS = [IMAGETYPE_JPEG => 'jpg', IMAGETYPE_PNG => 'png'];

/** What kind of picture a file is: `jpg`, `png`; null for everything else. */
function kindOf(string $path): ?string
{
    $facts = @getimagesize($path);
    return $facts === false ? null : (KINDS[$facts[2]] ?? null);
}

/** Makes all sizes of a picture, each there as a whole or not at all. */
function makeThumbnails(string $picture, string $folder, string $id): void
{
    $kind = kindOf($picture) ?? throw new RuntimeException('is no JPEG and no PNG');
    $image = @imagecreatefromstring(file_get_contents($picture));
    if ($image === false) {
        throw new RuntimeException('can not be read as a picture');
    }
    foreach (WIDTHS as $name => $width) {
        $scaled = imagescale($image, min($width, imagesx($image)), -1, IMG_BICUBIC);
        $part = "$folder/.$id-$name.$kind";
        if ($kind === 'jpg') {
            imagejpeg($scaled, $part, 90);
            run('jpegoptim', '--quiet', '--strip-all', '--all-progressive', '--max=82', $part);
        } else {
            imagesavealpha($scaled, true);
            imagepng($scaled, $part);
            run('optipng', '-quiet', '-o2', $part);
        }
        rename($part, "$folder/$id-$name.$kind");
    }
}

function run(string ...$words): void
{
    exec(implode(' ', array_map('escapeshellarg', $words)) . ' 2>&1', $said, $code);
    if ($code !== 0) {
        throw new RuntimeException("$words[0] failed: " . implode(' ', $said));
    }
}

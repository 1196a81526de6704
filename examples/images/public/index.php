<?php

// The web form: takes a picture, and leaves the work to the worker.

declare(strict_types=1);

$root = dirname(__DIR__);
require "$root/src/Queue.php";
require "$root/src/thumbnails.php";

// PHP's own server, for trying it: files are served as they are.
if (PHP_SAPI === 'cli-server' && is_file(__DIR__ . parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH))) {
    return false;
}

if ($_SERVER['REQUEST_METHOD'] === 'POST') {
    $upload = $_FILES['picture'] ?? null;
    $kind = ($upload['error'] ?? null) === UPLOAD_ERR_OK ? kindOf($upload['tmp_name']) : null;
    if ($kind === null) {
        http_response_code(422);
        exit('Please choose a JPEG or a PNG.');
    }
    // Sorts by time, and nobody guesses it.
    $id = dechex((int) (microtime(true) * 1000)) . '-' . bin2hex(random_bytes(8));
    $file = "$root/var/uploads/$id.$kind";
    move_uploaded_file($upload['tmp_name'], $file);
    if (getenv('THUMBNAILS') === 'in the request') {
        makeThumbnails($file, __DIR__ . '/thumbnails', $id); // as it was before there was a worker
    } else {
        (new Queue("$root/var/queue"))->put($id, ['file' => basename($file)]);
    }
    header("Location: /?picture=$id", true, 303);
    exit;
}

$made = glob(__DIR__ . '/thumbnails/*-medium.*') ?: [];
$new = (string) ($_GET['picture'] ?? '');
$waits = $new !== '' && !array_filter($made, fn (string $path): bool => str_starts_with(basename($path), $new));
?>
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>Pictures</title>
<?php if ($waits) : ?>
<meta http-equiv="refresh" content="1">
<p role="status">Your picture is being prepared …</p>
<?php endif ?>
<form method="post" enctype="multipart/form-data">
  <label>A picture <input type="file" name="picture" accept="image/jpeg,image/png" required></label>
  <button>Upload</button>
</form>
<?php foreach (array_reverse($made) as $path) : ?>
<img src="/thumbnails/<?= htmlspecialchars(basename($path)) ?>" alt="">
<?php endforeach ?>

"""The web front-end, a WSGI application: people sign up, and the answer does not wait for a mail server."""

import re
import sqlite3
import sys
from urllib.parse import parse_qs
from wsgiref.simple_server import WSGIRequestHandler, make_server

import outbox

FORM = b"""<!doctype html>
<html lang="en">
<meta charset="utf-8">
<title>The night shop</title>
<form method="post">
  <label>Your address <input type="email" name="email" required></label>
  <button>Sign up</button>
</form>
"""
BODY_BYTES_MAX = 10_000


def application(environ, start_response):
    def answer(status, body, kind="text/plain; charset=utf-8"):
        start_response(status, [("Content-Type", kind)])
        return [body]

    if environ["REQUEST_METHOD"] != "POST":
        return answer("200 OK", FORM, "text/html; charset=utf-8")
    length = min(int(environ.get("CONTENT_LENGTH") or 0), BODY_BYTES_MAX)
    fields = parse_qs(environ["wsgi.input"].read(length).decode("utf-8", "replace"))
    email = fields.get("email", [""])[0].strip()
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", email):
        return answer("422 Unprocessable Content", b"Please give your address.\n")
    db = outbox.connect()
    try:
        outbox.sign_up(db, email)
    except sqlite3.IntegrityError:
        return answer("409 Conflict", b"You are with us already.\n")
    finally:
        db.close()
    return answer("201 Created", b"Welcome! A mail is on its way.\n")


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


if __name__ == "__main__":  # to try it; in production gunicorn or uWSGI take `application`
    make_server("127.0.0.1", int(sys.argv[1]), application, handler_class=Quiet).serve_forever()

"""Sends the mails of the outbox, for ever. Asked to leave (TERM), it finishes the one in its hands."""

import contextlib
import os
import signal
import smtplib
import sys
import threading
from email.message import EmailMessage

import outbox

SMTP_HOST = os.environ.get("SMTP_HOST", "127.0.0.1")
SMTP_PORT = int(os.environ.get("SMTP_PORT", "25"))
SMTP_SECONDS = 20
LOOK_AGAIN_SECONDS = 0.5

leaving = threading.Event()
signal.signal(signal.SIGTERM, lambda *_: leaving.set())


def send(mail):
    message = EmailMessage()
    message["From"] = "The night shop <shop@shop.example>"
    message["To"] = mail["recipient"]
    message["Subject"] = mail["subject"]
    message["Message-ID"] = mail["message_id"]
    message.set_content(mail["body"])
    server = smtplib.SMTP(SMTP_HOST, SMTP_PORT, timeout=SMTP_SECONDS)
    try:
        server.send_message(message)
    finally:
        # Not by "with", which fails when the good-bye does: the mail is the server's by then, and would be sent again.
        with contextlib.suppress(OSError):
            server.quit()


def is_final(error):
    """Does the server say that it will never take it (5xx), rather than not now (4xx), or nothing at all?"""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def work_on(db, mail):
    name = f"mail {mail['id']} to {mail['recipient']}"
    try:
        send(mail)
    except OSError as error:  # the server can't be reached, breaks off or refuses: smtplib's errors are OSErrors too
        if is_final(error):
            outbox.give_up(db, mail, str(error))
            print(f"{name} is refused for good: {error}", file=sys.stderr, flush=True)
        else:
            pause = outbox.try_again(db, mail, str(error))
            print(f"{name} waits {pause} s: {error}", file=sys.stderr, flush=True)
    else:
        outbox.sent(db, mail)
        print(f"{name} is sent, attempt {mail['attempts']}", flush=True)


db = outbox.connect()
print("ready", flush=True)
while not leaving.is_set():
    mail = outbox.take(db)
    if mail is None:
        leaving.wait(LOOK_AGAIN_SECONDS)
    else:
        work_on(db, mail)
print("nothing in hand, leaving", flush=True)

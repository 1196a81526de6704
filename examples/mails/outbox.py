"""The shop's database, with its outbox: a mail is written in the same transaction as what it is about."""

import sqlite3
import time
import uuid
from pathlib import Path

PATH = Path(__file__).parent / "var" / "shop.db"

SCHEMA = """
CREATE TABLE IF NOT EXISTS users (email TEXT PRIMARY KEY, signed_up_at REAL NOT NULL);
CREATE TABLE IF NOT EXISTS mails (
  id INTEGER PRIMARY KEY,
  message_id TEXT NOT NULL UNIQUE,
  recipient TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  due_at REAL,          -- NULL: nothing is to be done any more
  sent_at REAL,
  why TEXT              -- of the last attempt that failed
);
CREATE INDEX IF NOT EXISTS mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
"""

# Whoever takes a mail has so long for it; then it is another one's. Longer than any attempt may take.
LEASE_SECONDS = 120
LONGEST_PAUSE_SECONDS = 300


def connect():
    PATH.parent.mkdir(exist_ok=True)
    db = sqlite3.connect(PATH, timeout=30)
    db.row_factory = sqlite3.Row
    db.execute("PRAGMA journal_mode = WAL")
    db.executescript(SCHEMA)
    return db


def sign_up(db, email):
    """Raises sqlite3.IntegrityError when somebody signed up with this address before."""
    now = time.time()
    with db:  # both or neither
        db.execute("INSERT INTO users VALUES (?, ?)", (email, now))
        db.execute(
            "INSERT INTO mails (message_id, recipient, subject, body, due_at) VALUES (?, ?, ?, ?, ?)",
            # It is the same with every attempt: a mail that is sent twice after all is known by it.
            (f"<{uuid.uuid4()}@shop.example>", email, "Welcome to the night shop", "It is good to have you.\n", now),
        )


def take(db):
    """The mail that is due for longest, ours for LEASE_SECONDS; None when none is due."""
    now = time.time()
    with db:
        rows = db.execute(
            "UPDATE mails SET due_at = ?, attempts = attempts + 1 WHERE id ="
            " (SELECT id FROM mails WHERE due_at <= ? ORDER BY due_at LIMIT 1) RETURNING *",
            (now + LEASE_SECONDS, now),
        )
        return rows.fetchone()


def sent(db, mail):
    with db:
        db.execute("UPDATE mails SET due_at = NULL, sent_at = ? WHERE id = ?", (time.time(), mail["id"]))


def try_again(db, mail, why):
    """After a pause that doubles with each attempt; returns its seconds."""
    pause = min(2 ** (mail["attempts"] - 1), LONGEST_PAUSE_SECONDS)
    with db:
        db.execute("UPDATE mails SET due_at = ?, why = ? WHERE id = ?", (time.time() + pause, why, mail["id"]))
    return pause


def give_up(db, mail, why):
    with db:
        db.execute("UPDATE mails SET due_at = NULL, why = ? WHERE id = ?", (why, mail["id"]))

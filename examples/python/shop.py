"""The shop's tasks. `remind.delay("ada@example.org")` in the web front-end leaves the work to the worker."""

import os
import time

from celery import Celery
from celery.utils.log import get_task_logger

BROKER = os.environ.get("REDIS_URL", "redis://127.0.0.1:6379/0")

app = Celery("shop", broker=BROKER)
app.conf.update(
    task_acks_late=True,  # a task whose worker was killed goes to the next one
    task_reject_on_worker_lost=True,
    worker_prefetch_multiplier=1,  # a worker that leaves holds only what it works on
    task_ignore_result=True,
    broker_connection_retry_on_startup=True,
)
log = get_task_logger(__name__)


@app.task(autoretry_for=(OSError,), retry_backoff=True, max_retries=5)
def remind(address):
    log.info("reminder to %s begun", address)
    time.sleep(1)  # stands for what takes its time
    log.info("reminder to %s sent", address)


@app.task
def report():
    log.info("the report of the night is made")

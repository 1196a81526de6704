# A queue in a folder, sourced by the demo's programs. A task is a file, and where it lies is its state:
#
#   queue/waiting  ->  queue/claimed  ->  queue/done or queue/failed
#
# Every step is one rename, which is atomic: two workers never hold the same task, and a worker that is killed
# leaves its task in queue/claimed, from where bin/queue-report brings it back.
# shellcheck shell=sh

queue=queue
mkdir -p $queue/new $queue/waiting $queue/claimed $queue/done $queue/failed outbox

say() { echo "$*"; }
complain() { echo "$*" >&2; }

# A short wait; a signal that reaches it too only ends it early.
pause() { sleep "$1" || :; }

# A number from 0 to $1 - 1.
random() { echo $(($(od -An -N4 -tu4 /dev/urandom) % $1)); }

# Puts what comes on standard input into the queue as a task called $1.
put() {
  cat >"$queue/new/$1"
  mv "$queue/new/$1" "$queue/waiting/$1"
}

# The name of a task that is ours from now on; fails when none waits.
claim() {
  for waits in "$queue"/waiting/*; do
    task=${waits##*/}
    # Another worker may be quicker: then the rename fails, and the next one is tried.
    if mv "$waits" "$queue/claimed/$task" 2>/dev/null; then
      touch "$queue/claimed/$task" # its age counts from now
      echo "$task"
      return 0
    fi
  done
  return 1
}

# $1: a task that is ours, $2: done or failed
finish() {
  mv "$queue/claimed/$1" "$queue/$2/$1"
  touch "$queue/$2/$1"
}

# $1: a state; the rest: find's conditions
count() {
  state=$1
  shift
  find "$queue/$state" -type f "$@" | wc -l | tr -d ' '
}

# $1: a field, $2: a file of "field: value" lines
field() { sed -n "s/^$1: //p" "$2"; }

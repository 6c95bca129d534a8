#!/bin/sh
# Installs what the tests need beside npm packages: a broker, a layer of pseudo-terminals, a listener for what systemd is told, a trace of system calls,
# database servers, which the tests start for themselves.
set -eu
# Debian installs servers into folders that are not on everybody's PATH.
PATH="$PATH:/usr/sbin:/sbin:$(echo /usr/lib/postgresql/*/bin)"
missing=
# A program, and its Debian package where that has another name.
for program in mosquitto socat python3 strace postgres=postgresql mariadbd=mariadb-server-core influxd=influxdb; do
  command -v "${program%=*}" >/dev/null || missing="$missing ${program#*=}"
done
[ -z "$missing" ] && exit 0

if [ "$(id -u)" = 0 ]; then as_root=
elif sudo -n true 2>/dev/null; then as_root='sudo -n'
else
  echo "The tests need$missing. Install them (on Debian: sudo apt-get install$missing) and try again." >&2
  exit 1
fi
command -v apt-get >/dev/null || {
  echo "The tests need$missing, and this is no Debian to install them on: please install them and try again." >&2
  exit 1
}
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # words are meant
$as_root apt-get update -q </dev/null
# shellcheck disable=SC2086
$as_root apt-get install -qy --no-install-recommends $missing </dev/null

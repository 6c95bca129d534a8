#!/bin/sh
# Installs what the tests need beside npm packages: a broker, a layer of pseudo-terminals, a listener for what systemd is told, a trace of system calls;
# and where Debian has them, database servers, which the tests start for themselves, and another reader of OpenMetrics. Tests of those are skipped without.
set -eu
# Debian installs servers into folders that are not on everybody's PATH.
PATH="$PATH:/usr/sbin:/sbin:$(echo /usr/lib/postgresql/*/bin)"

# A program, and its Debian package where that has another name.
missing() {
  for program in "$@"; do
    command -v "${program%=*}" >/dev/null || printf ' %s' "${program#*=}"
  done
}
needed=$(missing mosquitto socat python3 strace)
wanted=$(missing postgres=postgresql mariadbd=mariadb-server-core influxd=influxdb)
/usr/bin/python3 -c 'import prometheus_client' 2>/dev/null || wanted="$wanted python3-prometheus-client"
[ -z "$needed$wanted" ] && exit 0

if [ "$(id -u)" = 0 ]; then as_root=
elif sudo -n true 2>/dev/null; then as_root='sudo -n'
else as_root=no
fi
if [ "$as_root" = no ] || ! command -v apt-get >/dev/null; then
  [ -z "$needed" ] && exit 0
  echo "The tests need$needed. Please install them (on Debian: sudo apt-get install$needed) and try again." >&2
  exit 1
fi
export DEBIAN_FRONTEND=noninteractive
# shellcheck disable=SC2086 # words are meant
install() { $as_root apt-get install -qy --no-install-recommends "$@" </dev/null; }
# shellcheck disable=SC2086
$as_root apt-get update -q </dev/null || [ -z "$needed" ]
# shellcheck disable=SC2086
[ -z "$needed" ] || install $needed
for package in $wanted; do
  install "$package" || echo "Without $package, which cannot be installed here, the tests that need it are skipped." >&2
done

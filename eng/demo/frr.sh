#!/usr/bin/env bash
# The router's FRR: zebra, which writes what was learned into the kernel's routing table, bgpd and bfdd. They keep their sockets in a
# directory of their own, so that an FRR of the machine is left alone.
#
# usage: frr.sh DIRECTORY CONFIGURATION
set -euo pipefail
directory=$1
configuration=$2
daemons=/usr/lib/frr

vtysh() { command vtysh --vty_socket "$directory" --config_dir "$directory" "$@"; }

# Of a process that was killed nothing may be left but its files.
rm -rf "$directory"
mkdir "$directory"
: >"$directory/empty.conf"
: >"$directory/vtysh.conf"
chown -R frr:frr "$directory"

# start DAEMON FLAGS...
start() {
    "$daemons/$1" -f "$directory/empty.conf" -i "$directory/$1.pid" -z "$directory/zserv.api" --vty_socket "$directory" \
        -A 127.0.0.1 -P 0 -u frr -g frr --log stdout "${@:2}" &
    until vtysh -d "$1" -c 'show version' >/dev/null 2>&1; do
        kill -0 $! || exit 1
        sleep 0.05
    done
}

start zebra
start bfdd --bfdctl "$directory/bfdd.sock"
start bgpd
vtysh -f "$configuration"
: >"$directory/ready"
wait -n

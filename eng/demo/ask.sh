#!/usr/bin/env bash
# Opens connections to port 80 of two addresses in turn, to each every 10 ms or so, whatever becomes of those before. Prints a line for each
# when it is over: when it was begun, in microseconds, the name that its address was given, and whether it came about before TCP had to try
# again, which it does after a second. The shell itself connects, for a busy machine must not be kept busy by asking.
#
# usage: ask.sh NAME ADDRESS NAME ADDRESS
set -u

ask() {
    local at=${EPOCHREALTIME/[.,]/} how=no
    { exec 3<>"/dev/tcp/$2/80"; } 2>/dev/null && [ $((${EPOCHREALTIME/[.,]/} - at)) -lt 900000 ] && how=yes
    echo "$at $1 $how"
}

# What never comes, so that waiting for it takes no process.
exec 4<> <(:)

while :; do
    ask "$1" "$2" &
    read -r -t 0.005 -u 4
    ask "$3" "$4" &
    read -r -t 0.005 -u 4
done

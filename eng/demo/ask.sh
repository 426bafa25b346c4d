#!/usr/bin/env bash
# Asks for two pages in turn, each every 20 ms or so, whatever becomes of the questions before. Prints a line for each question when it is
# over: when it was asked, in seconds, the name that its page was given, and whether it was answered before TCP tried again.
#
# usage: ask.sh NAME URL NAME URL
set -u

ask() {
    local at=$EPOCHREALTIME how=no
    ! curl -g -s --max-time 0.9 -o /dev/null "$2" || how=yes
    echo "$at $1 $how"
}

while :; do
    ask "$1" "$2" &
    sleep 0.01
    ask "$3" "$4" &
    sleep 0.01
done

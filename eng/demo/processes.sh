# The processes: each has a command file .demo/run/NAME.sh, a process id file beside it, and a log .demo/logs/NAME.log.

# define_process NAME MEMBER COMMAND...: writes the command file that runs the command on a machine.
define_process() {
    local process=$1 member=$2
    shift 2
    printf '#!/bin/sh\nexec ip netns exec %s %s\n' "$prefix-$member" "${*@Q}" >"$state/run/$process.sh"
    chmod +x "$state/run/$process.sh"
}

# Each process leads a session of its own, so that its children can be stopped with it.
start_process() {
    local process=$1
    setsid "$state/run/$process.sh" </dev/null >>"$state/logs/$process.log" 2>&1 9>&- &
    local pid=$!
    disown "$pid"
    echo "$pid $(start_time "$pid")" >"$state/run/$process.pid"
}

# When a process started, in clock ticks since boot: tells it from a later one that got the same number.
start_time() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }

# Prints the process id if the process runs.
running_pid() {
    local pid started
    read -r pid started 2>/dev/null <"$state/run/$1.pid" || return 1
    [ -n "$started" ] && [ "$(start_time "$pid")" = "$started" ] && echo "$pid"
}

kill_process() {
    local pid
    pid=$(running_pid "$1") || return 0
    kill -KILL -- "-$pid" 2>/dev/null || true
    until_true 5 has_ended "$pid"
}

# The shell's own kill, for a small machine has no other.
kill_all() {
    local pid
    for pid in "$@"; do kill -KILL "$pid" 2>/dev/null || true; done
}

# A process whose first thread has ended may have others that still hold its sockets.
has_ended() {
    local threads=("/proc/$1/task/"*)
    [ ! -d "/proc/$1" ] || { [ "${#threads[@]}" -le 1 ] && grep -q '^State:.Z' "/proc/$1/status" 2>/dev/null; }
}

restart_process() {
    local process=$1
    if [ -z "$process" ] || [ ! -e "$state/run/$process.sh" ]; then
        echo "The processes of the demo: $(cd "$state/run" && ls ./*.sh | sed 's|^\./||; s|\.sh$||' | tr '\n' ' ')"
        [ -z "$process" ] || fail "there is none named $process"
        return
    fi
    kill_process "$process"
    start_process "$process"
    [ "$process" != apiserver ] || until_true 30 api_answers || fail "it does not answer; see $state/logs/apiserver.log"
    echo "$process was killed and runs again as process $(running_pid "$process")"
}

# The recorded processes, then whatever else still runs in the demo's namespaces.
stop_all_processes() {
    local file member
    for file in "$state"/run/*.pid; do
        [ ! -e "$file" ] || kill_process "$(basename "$file" .pid)"
    done
    for member in lan remote "${members[@]}"; do
        [ ! -e "/run/netns/$prefix-$member" ] || kill_all $(ip netns pids "$prefix-$member")
    done
}

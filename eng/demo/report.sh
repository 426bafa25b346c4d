# What the reader of the demo sees: headings, claims that were checked, and the one that was not met.

claims=0

fail() {
    printf '%s\n' "$*" >&2
    exit 1
}

heading() { printf '\n== %s\n' "$*"; }

say() { printf '   %s\n' "$@"; }

# Shows what a command prints, as the reader would see it when typing it.
show() {
    local word line=''
    for word; do
        [[ $word =~ ^[A-Za-z0-9=./:_-]+$ ]] || word=${word@Q}
        line+=" $word"
    done
    printf '   $%s\n' "$line"
    "$@" | sed 's/^/     /'
}

# claim SECONDS TEXT COMMAND...: the command must succeed within the time; it is tried again until then.
claim() {
    local seconds=$1 text=$2
    shift 2
    if ! until_true "$seconds" "$@"; then
        echo "   NOT TRUE: $text" >&2
        echo "   (checked for $seconds s by: $*)" >&2
        exit 1
    fi
    claims=$((claims + 1))
    printf '   ok  %s\n' "$text"
}

until_true() {
    local deadline=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$deadline" ] || return 1
        sleep 0.05
    done
}

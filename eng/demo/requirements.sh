# What the machine must have: Debian packages, and the built product.

# type -P and not command -v: the demo has a function called kubectl, which is no kubectl.
require_packages() {
    local missing=()
    type -P ip >/dev/null || missing+=(iproute2)
    type -P nft >/dev/null || missing+=(nftables)
    type -P arping >/dev/null || missing+=(iputils-arping)
    type -P tcpdump >/dev/null || missing+=(tcpdump)
    type -P curl >/dev/null || missing+=(curl)
    type -P jq >/dev/null || missing+=(jq)
    [ -x /usr/lib/frr/bgpd ] || missing+=(frr)
    [ -x /usr/sbin/nginx ] || missing+=(nginx-light)
    # Links the executable, unless one is given.
    [ -n "${FERROLB_BINARY:-}" ] || type -P clang >/dev/null || type -P gcc >/dev/null || missing+=(gcc libc6-dev)
    type -P kubectl >/dev/null || missing+=(kubernetes-client)
    if [ ${#missing[@]} -gt 0 ]; then
        echo "Installing ${missing[*]} ..."
        install_packages "${missing[@]}" || fail "could not install: ${missing[*]}; install them and try again"
    fi
    arping -V 2>&1 | grep -q iputils || fail "this arping is not the one of iputils: apt-get install iputils-arping"
}

# Runs in a subshell so that the trap ends with it: packages must not start daemons of their own.
install_packages() (
    if [ ! -e /usr/sbin/policy-rc.d ]; then
        printf '#!/bin/sh\nexit 101\n' >/usr/sbin/policy-rc.d
        chmod +x /usr/sbin/policy-rc.d
        trap 'rm -f /usr/sbin/policy-rc.d' EXIT
    fi
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null
)

publish() { dotnet publish src/FerroLB.App -c Release -v q --nologo "$@"; }

# Sets $ferrolb. The native form that ships, or, if its compiler cannot be had, the form that needs the .NET runtime.
build() {
    ferrolb=${FERROLB_BINARY:-}
    if [ -z "$ferrolb" ]; then
        command -v dotnet >/dev/null || fail "./demo needs the .NET 10 SDK: https://learn.microsoft.com/dotnet/core/install/linux"
        echo "Building FerroLB ..."
        export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1
        # No compiler servers left behind: --down promises that no process stays.
        export MSBUILDDISABLENODEREUSE=1 UseSharedCompilation=false
        publish --use-current-runtime >/dev/null ||
            publish >&2 || fail "the build failed"
        ferrolb=$PWD/artifacts/publish/FerroLB.App/release/ferrolb
    fi
    [ -x "$ferrolb" ] || fail "$ferrolb is not an executable"
    ferrolb=$(readlink -f "$ferrolb")
}

# The second half of what ./demo shows: addresses that the network reaches by routes, which the router learns by BGP.

tell_story_of_routes() {
    advertise_routes
    follow_routes
    lose_next_hop
}

advertise_routes() {
    heading "Routes are advertised by BGP"
    say "Behind the router lives a client in another network. The router runs FRR, configured with samples/demo/bgp/frr.conf. A pool, a"
    say "BFDProfile, two BGPPeers, a Community, a BGPAdvertisement and two Services are applied (samples/demo/bgp)."
    until_true 30 router_is_ready || fail "FRR does not start; see $state/logs/router.log"
    kubectl apply -f samples/demo/bgp >/dev/null
    claim 20 "web-routed and web-routed-ipv6 have addresses of routed-pool, as they asked" have_routed_addresses
    claim 40 "the router holds two sessions with each node, over IPv4 and over IPv6" router_knows_each_node
    claim 20 "BFD watches all six paths, every 100 ms as the profile says" bfd_watches_each_path
    show kubectl get bgppeers -n metallb-system
    local route
    route=$(address_of web-routed)/32
    claim 20 "the router knows $route by three next hops, the nodes" knows_next_hops web-routed "${nodes[@]}"
    claim 5 "with the local preference 250 and the communities 64512:300, named \"shop\", and 64512:7:1" has_attributes web-routed
    show vtysh -c "show bgp ipv4 unicast $route"
    claim 20 "it forwards to all three of them" forwards_to web-routed "${nodes[@]}"
    show ip -n "$prefix-router" route show "$route"
    claim 20 "the same for $(address_of web-routed-ipv6)/128" knows_next_hops web-routed-ipv6 "${nodes[@]}"
    claim 5 "with the same attributes" has_attributes web-routed-ipv6
    claim 20 "to which it forwards as well" forwards_to web-routed-ipv6 "${nodes[@]}"
    show ip -n "$prefix-router" -6 route show "$(address_of web-routed-ipv6)/128"
    claim 20 "kubectl get servicebgpstatus tells of which peers each node advertises what" bgp_statuses_tell
    show kubectl get servicebgpstatus -n metallb-system
    claim 10 "and the Service, for which one of them speaks" says web-routed True Announced "advertised by BGP from node"
    say "Service web-routed: $(said_of web-routed)"
    claim 10 "each speaker says that its sessions are established and watched" sessions_are_told
}

follow_routes() {
    heading "The router spreads requests over the nodes"
    say "The client asks from a new port each time. Its router chooses the node by addresses and ports, and the node serves the request"
    say "itself (externalTrafficPolicy Local). Nothing but the router's own table is in between."
    claim 20 "web-routed is served by each node, and each sees the client's own address" is_spread web-routed
    print_spread
    claim 20 "web-routed-ipv6 as well" is_spread web-routed-ipv6
    print_spread
}

lose_next_hop() {
    heading "A next hop loses its power"
    local node member cut_at others=()
    node=$(voucher_of web-routed)
    for member in "${nodes[@]}"; do [ "$member" = "$node" ] || others+=("$member"); done
    say "The cable of $node, the node that speaks for web-routed, goes dead, and its speaker and its web server are killed by SIGKILL."
    say "The client opens connections to both Services all the time."
    start_asking_from_behind
    cut_at=${EPOCHREALTIME/[.,]/}
    kill_node "$node"
    claim 20 "BFD noticed it: the router ended its sessions with $node, \"Cease/BFD Down\"" is_down_by_bfd "$node"
    claim 10 "the routes have two next hops left" knows_next_hops web-routed "${others[@]}"
    claim 10 "for IPv6 too" knows_next_hops web-routed-ipv6 "${others[@]}"
    claim 20 "every connection comes about again" every_connection_comes_about "$cut_at"
    kill_process asking-from-behind
    say "A third of them went to the dead node until then, the last one $(last_lost v4 "$cut_at") ms after the cable was cut, over IPv6"
    say "$(last_lost v6 "$cut_at") ms. Without BFD the router would have believed in $node for the hold time, 180 s."
    report_node "$node" Unknown
    report_endpoints "$node" false
    claim 30 "web-routed is still announced, and another node speaks for it" has_other_voucher_than web-routed "$node"
    say "Service web-routed: $(said_of web-routed)"
    revive_node "$node"
    claim 40 "$node is back, and the router forwards to it again" forwards_to web-routed "${nodes[@]}"
    claim 20 "over IPv6 too" forwards_to web-routed-ipv6 "${nodes[@]}"
    claim 20 "web-routed is served by each node again" is_spread web-routed
}

# ---- What the claims ask

router_is_ready() {
    running_pid router >/dev/null || fail "FRR ended; see $state/logs/router.log"
    [ -e "$frr/ready" ]
}

have_routed_addresses() {
    [[ $(address_of web-routed) =~ ^203\.0\.113\.[1-9][0-9]$ && $(address_of web-routed-ipv6) =~ ^fd00:203:0:113::[1-9][0-9]$ ]]
}

# family_of SERVICE: by its address, as vtysh and ip name it.
family_of() { [[ $(address_of "$1") == *:* ]] && echo ipv6 || echo ipv4; }

route_of() {
    local ip
    ip=$(address_of "$1")
    [[ $ip == *:* ]] && echo "$ip/128" || echo "$ip/32"
}

# addresses_in FAMILY NODE...: the addresses of nodes, as a sorted JSON array.
addresses_in() {
    local family=$1 node
    shift
    for node; do [ "$family" = ipv6 ] && address6 "$node" || echo "${address[$node]}"; done | jq -R . | jq -cs sort
}

router_knows_each_node() {
    local v4 v6
    v4=$(addresses_in ipv4 "${nodes[@]}")
    v6=$(addresses_in ipv6 "${nodes[@]}")
    vtysh -c 'show bgp summary json' | jq -e --argjson v4 "$v4" --argjson v6 "$v6" '
        def established: [.peers // {} | to_entries[] | select(.value.state == "Established").key] | sort;
        (.ipv4Unicast | established) == $v4 and (.ipv6Unicast | established) == $v6' >/dev/null
}

bfd_watches_each_path() {
    vtysh -c 'show bfd peers json' | jq -e '
        [.[] | select(.status == "up" and .["remote-receive-interval"] == 100 and .["remote-transmit-interval"] == 100)]
        | length == 6' >/dev/null
}

paths_to() { vtysh -c "show bgp $(family_of "$1") unicast $(route_of "$1") json"; }

# knows_next_hops SERVICE NODE...: the router has learned its route from exactly these nodes, and uses all of them.
knows_next_hops() {
    local service=$1
    shift
    paths_to "$service" | jq -e --argjson hops "$(addresses_in "$(family_of "$service")" "$@")" '
        ([.paths[]?.nexthops[] | select(.used).ip] | sort) == $hops and all(.paths[]; .valid)' >/dev/null
}

has_attributes() {
    paths_to "$1" | jq -e '
        all(.paths[]; .locPrf == 250 and .community.string == "64512:300" and .largeCommunity.string == "64512:7:1")' >/dev/null
}

# forwards_to SERVICE NODE...: the kernel of the router sends to exactly these nodes.
forwards_to() {
    local service=$1 family
    shift
    family=$(family_of "$service")
    ip -n "$prefix-router" "-${family#ipv}" -json route show "$(route_of "$service")" |
        jq -e --argjson hops "$(addresses_in "$family" "$@")" '[.[0].nexthops[]?.gateway] | sort == $hops' >/dev/null
}

bgp_statuses_tell() {
    kubectl get servicebgpstatus -n metallb-system -o json | jq -e '
        [.items[].status | "\(.serviceName) \(.node) \(.peers | join(" "))"] | sort == ([
            ("web-routed", "web-routed-ipv6") as $service | ("node-1", "node-2", "node-3") as $node
            | "\($service) \($node) router router-ipv6"] | sort)' >/dev/null
}

# The node that says on a Service that it is advertised.
voucher_of() { said_of "$1" | sed -n 's/^True .*advertised by BGP from node \([^ ]*\) to .*/\1/p'; }

has_other_voucher_than() {
    local voucher
    voucher=$(voucher_of "$1")
    [ -n "$voucher" ] && [ "$voucher" != "$2" ]
}

sessions_are_told() {
    kubectl get speakerstates -n metallb-system -o json | jq -e '
        [.items[].status.sessions[]? | select(.state == "Established" and .bfdState == "Up")] | length == 6' >/dev/null
}

# is_spread SERVICE: of twelve requests from behind the router, each node serves some; who served them is in run/spread.
is_spread() {
    local url i
    url=$(url_of "$1")
    for i in 1 2 3 4 5 6 7 8 9 10 11 12; do in_ns remote curl -s --max-time 2 "$url"; done | sort | uniq -c >"$state/run/spread"
    local from=$remote_address
    [[ $url != *\[* ]] || from=$remote_address6
    [ "$(awk '{ print $2, $3, $4 }' "$state/run/spread")" = "$(printf "%s served $from\n" "${nodes[@]}")" ]
}

print_spread() { awk '{ printf "     %d of 12: %s served %s\n", $1, $2, $4 }' "$state/run/spread"; }

# Each line of the log is when a connection was begun, over which family, and how it went.
start_asking_from_behind() {
    define_process asking-from-behind remote "$PWD/eng/demo/ask.sh" v4 "$(address_of web-routed)" \
        v6 "$(address_of web-routed-ipv6)"
    start_process asking-from-behind
    until_true 10 grep -q 'v6 yes' "$state/logs/asking-from-behind.log" || fail "the client is not answered"
}

# The last hundred of those that were begun since then came about.
every_connection_comes_about() {
    awk -v cut="$1" '$1 > cut { begun++; well = $3 == "no" ? 0 : well + 1 } END { exit !(begun > 200 && well >= 100) }' \
        "$state/logs/asking-from-behind.log"
}

# last_lost FAMILY TIME: how many milliseconds after it the last connection was begun that did not come about.
last_lost() {
    awk -v family="$1" -v cut="$2" '$2 == family && $3 == "no" && $1 - cut > last { last = $1 - cut } END { printf "%.0f", last / 1000 }' \
        "$state/logs/asking-from-behind.log"
}

is_down_by_bfd() {
    local peer
    for peer in "${address[$1]}" "$(address6 "$1")"; do
        vtysh -c "show bgp neighbors $peer json" | jq -e '
            .[] | .bgpState != "Established" and .lastNotificationReason == "Cease/BFD Down"' >/dev/null || return
    done
}

# The network: one LAN, 192.168.1.0/24 and fd00:192:168:1::/64, with every machine a namespace on its bridge.
#
#   control  192.168.1.5        the API server and the controllers
#   node-1..3  192.168.1.11..13   a speaker, a web server and the stand-in for kube-proxy on each
#   client   192.168.1.50       who wants to reach the Services
#   router   192.168.1.1        the client's way to addresses outside 192.168.1.0/24, and FRR
#
# Behind the router is another network, 10.20.0.0/24 and fd00:10:20::/64:
#
#   remote   10.20.0.50         who reaches the Services by routes alone
#
# The bridge has a namespace of its own, so the machine's own namespace gets one interface only, by which kubectl reaches the API server.

prefix=flb-$name
members=(control router node-1 node-2 node-3 client)
nodes=(node-1 node-2 node-3)
declare -A address=([control]=192.168.1.5 [router]=192.168.1.1 [client]=192.168.1.50
    [node-1]=192.168.1.11 [node-2]=192.168.1.12 [node-3]=192.168.1.13)
declare -A mac=([control]=02:00:00:00:01:05 [router]=02:00:00:00:01:01 [client]=02:00:00:00:01:50
    [node-1]=02:00:00:00:01:11 [node-2]=02:00:00:00:01:12 [node-3]=02:00:00:00:01:13)

remote_address=10.20.0.50
remote_address6=fd00:10:20::50

# A pair of link-local addresses for the machine's side and the API server's side, by the demo's name.
uplink_net=169.254.$(($(cksum <<<"$prefix" | cut -d' ' -f1) % 200 + 20))
uplink_host=$uplink_net.1
uplink_control=$uplink_net.2

# The IPv6 address of a machine ends like its other one: fd00:192:168:1::11 for 192.168.1.11.
address6() { echo "fd00:192:168:1::${address[$1]##*.}"; }

# in_ns MEMBER COMMAND...: runs a command on one of the machines.
in_ns() {
    local member=$1
    shift
    ip netns exec "$prefix-$member" "$@"
}

lay_out_network() {
    add_namespace lan
    ip -n "$prefix-lan" link add lan type bridge
    ip -n "$prefix-lan" link set lan up
    local member
    for member in "${members[@]}"; do add_member "$member"; done
    for member in router "${nodes[@]}"; do
        set_sysctl "$member" net/ipv4/ip_forward 1
        set_sysctl "$member" net/ipv6/conf/all/forwarding 1
    done
    for member in client "${nodes[@]}"; do
        ip -n "$prefix-$member" route add default via "${address[router]}"
        ip -n "$prefix-$member" -6 route add default via "$(address6 router)"
    done
    add_routes
    add_remote
    add_uplink
}

add_namespace() {
    ip netns add "$prefix-$1" || fail "network namespaces cannot be made here; inside a container they need --privileged"
    ip -n "$prefix-$1" link set lo up
}

add_member() {
    local member=$1
    add_namespace "$member"
    ip -n "$prefix-lan" link add "$member" type veth peer name eth0 address "${mac[$member]}" netns "$prefix-$member"
    ip -n "$prefix-lan" link set "$member" master lan up
    set_sysctl "$member" net/ipv4/conf/all/rp_filter 0
    set_sysctl "$member" net/ipv4/conf/eth0/rp_filter 0
    set_sysctl "$member" net/ipv4/conf/all/send_redirects 0
    set_sysctl "$member" net/ipv4/conf/eth0/send_redirects 0
    # Nobody else is here who could have the same addresses, so nobody waits to find out.
    set_sysctl "$member" net/ipv6/conf/eth0/accept_dad 0
    ip -n "$prefix-$member" address add "${address[$member]}/24" dev eth0
    ip -n "$prefix-$member" address add "$(address6 "$member")/64" dev eth0 nodad
    ip -n "$prefix-$member" link set eth0 up
}

# Pools outside 192.168.1.0/24 are on the LAN for the router; each node routes the other nodes' Pod addresses.
add_routes() {
    ip -n "$prefix-router" route add 192.168.2.0/24 dev eth0
    ip -n "$prefix-router" route add 10.0.0.100/32 dev eth0
    local node other
    for node in "${nodes[@]}"; do
        ip -n "$prefix-$node" address add "$(pod_address "$node")/32" dev lo
        ip -n "$prefix-$node" address add "$(pod_address6 "$node")/128" dev lo
        for other in "${nodes[@]}"; do
            [ "$node" != "$other" ] || continue
            ip -n "$prefix-$node" route add "$(pod_address "$other")/32" via "${address[$other]}"
            ip -n "$prefix-$node" route add "$(pod_address6 "$other")/128" via "$(address6 "$other")"
        done
    done
    # A client that has just looked up an address must still believe a gratuitous ARP that follows at once.
    set_sysctl client net/ipv4/neigh/eth0/locktime 0
    set_sysctl router net/ipv4/neigh/eth0/locktime 0
}

# Another network behind the router, which spreads by addresses and ports over the next hops of a route.
add_remote() {
    add_namespace remote
    ip -n "$prefix-router" link add eth1 type veth peer name eth0 netns "$prefix-remote"
    set_sysctl router net/ipv4/conf/eth1/rp_filter 0
    set_sysctl router net/ipv4/fib_multipath_hash_policy 1
    set_sysctl router net/ipv6/fib_multipath_hash_policy 1
    ip -n "$prefix-router" address add 10.20.0.1/24 dev eth1
    ip -n "$prefix-router" address add fd00:10:20::1/64 dev eth1 nodad
    ip -n "$prefix-router" link set eth1 up
    ip -n "$prefix-remote" address add "$remote_address/24" dev eth0
    ip -n "$prefix-remote" address add "$remote_address6/64" dev eth0 nodad
    ip -n "$prefix-remote" link set eth0 up
    ip -n "$prefix-remote" route add default via 10.20.0.1
    ip -n "$prefix-remote" -6 route add default via fd00:10:20::1
}

add_uplink() {
    ip -n "$prefix-control" link add "$prefix-api" type veth peer name uplink
    ip -n "$prefix-control" link set "$prefix-api" netns $$
    ip -n "$prefix-control" address add "$uplink_control/30" dev uplink
    ip -n "$prefix-control" link set uplink up
    ip address add "$uplink_host/30" dev "$prefix-api"
    ip link set "$prefix-api" up
}

remove_network() {
    local member
    ! ip link show "$prefix-api" >/dev/null 2>&1 || ip link delete "$prefix-api"
    for member in lan remote "${members[@]}"; do
        [ ! -e "/run/netns/$prefix-$member" ] || ip netns delete "$prefix-$member"
    done
}

set_sysctl() { in_ns "$1" sh -c "echo $3 >/proc/sys/$2"; }

pod_address() { echo "10.244.${1#node-}.10"; }

pod_address6() { echo "fd00:10:244:${1#node-}::10"; }

cut_cable() { ip -n "$prefix-lan" link set "$1" down; }

plug_cable() { ip -n "$prefix-lan" link set "$1" up; }

#!/usr/bin/env bash
# Stands in for kube-proxy on all nodes of the demo. FerroLB brings traffic for an address to a node; handing it on to a Pod is
# kube-proxy's work, and there is none here because there is no real cluster. For each port of each Service that has an address, each
# node gets an nftables rule that sends new connections to the ready endpoints in turn: to all of them under externalTrafficPolicy
# Cluster, with the client's address hidden behind the node's, and to the node's own under Local.
#
# usage: kube-proxy.sh NAMESPACE-PREFIX NODE...    (kubectl must find the API server by KUBECONFIG)
set -uo pipefail
prefix=$1
shift
nodes=("$@")

# For one family, ip or ip6.
rules='
  .items as $all | $all[] | select(.kind == "Service" and .spec.type == "LoadBalancer") | . as $service
  | .status.loadBalancer.ingress[]?.ip as $ip | select(($ip | contains(":")) == ($family == "ip6")) | .spec.ports[] as $port
  | [ $all[]
      | select(.kind == "EndpointSlice" and (.addressType == "IPv6") == ($family == "ip6")
          and .metadata.namespace == $service.metadata.namespace
          and .metadata.labels["kubernetes.io/service-name"] == $service.metadata.name)
      | (.ports[] | select((.name // "") == ($port.name // ""))).port as $target | .endpoints[]
      | select(.conditions.ready != false and ($service.spec.externalTrafficPolicy != "Local" or .nodeName == $node))
      | "\(.addresses[0]) . \($target)" ] as $targets
  | "\($family) daddr \($ip) \($port.protocol // "TCP" | ascii_downcase) dport \($port.port) " +
    if $targets == [] then "return" else
      "dnat \($family) addr . port to numgen inc mod \($targets | length) map { " +
      ([ $targets | to_entries[] | "\(.key) : \(.value)" ] | join(", ")) + " }"
    end'

# Traffic for an address that no rule took (no endpoint here) must not be routed back to the LAN.
render() {
    echo "table $3 kube_proxy {}; flush table $3 kube_proxy"
    echo "table $3 kube_proxy {"
    echo '  chain services { type nat hook prerouting priority dstnat;'
    jq -r --arg node "$1" --arg family "$3" "$rules" <<<"$2"
    echo '  }'
    echo '  chain no-endpoint { type filter hook forward priority filter; ct status dnat accept; iifname eth0 oifname eth0 drop; }'
    echo '  chain hide-client { type nat hook postrouting priority srcnat; ct status dnat oifname "eth0" masquerade; }'
    echo '}'
}

sync_all() {
    local objects node
    objects=$(kubectl get services,endpointslices --all-namespaces -o json) || return
    for node in "${nodes[@]}"; do
        { render "$node" "$objects" ip && render "$node" "$objects" ip6; } | ip netns exec "$prefix-$node" nft -f -
    done
}

# One line for each change; ends when a watch ends.
watch_changes() {
    kubectl get services --all-namespaces --watch -o name &
    local services=$!
    kubectl get endpointslices --all-namespaces --watch -o name &
    local slices=$!
    wait -n
    kill "$services" "$slices" 2>/dev/null
}

while true; do
    watch_changes 2>&1 | while read -r _; do
        while read -r -t 0.05 _; do :; done # a burst of changes is one
        sync_all
    done
    sleep 0.1
done

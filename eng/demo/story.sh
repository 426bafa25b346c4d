# What the demo tells. Every line that begins with "ok" was checked the moment before.

label=node.kubernetes.io/exclude-from-external-load-balancers

tell_story() {
    assign_addresses
    answer_arp
    reach_workload
    speak_ipv6
    know_each_other
    choose_nodes
    exclude_node
    lose_node
    make_mistake
    lose_controller
    delete_service
}

assign_addresses() {
    heading "Addresses are assigned"
    say "Two pools, an L2Advertisement and ten Services are applied (samples/demo)."
    kubectl apply -f samples/demo >/dev/null
    claim 20 "every Service has an address" every_service_has_an_address
    show kubectl get services -A
    claim 5 "web, which asked for nothing, has one of production-pool" is_in_production_range web
    claim 5 "web-address has 192.168.2.10, which it asked for" has_address web-address 192.168.2.10
    claim 5 "web-address-old has 10.0.0.100, which it asked for by the older annotation" has_address web-address-old 10.0.0.100
    claim 5 "web-address-field has 192.168.1.240, its spec.loadBalancerIP" has_address web-address-field 192.168.1.240
    claim 5 "web-pool and web-pool-old have addresses of ingress-pool, as they asked" are_in_ingress_range web-pool web-pool-old
    claim 5 "shared-http and shared-alt share 192.168.1.230" have_address 192.168.1.230 shared-http shared-alt
}

answer_arp() {
    heading "One node answers ARP for each"
    say "The client asks the LAN \"who has ...?\" for each address and waits for every answer."
    claim 20 "each address is answered by exactly one node" each_is_answered_once
    print_answers
    claim 5 "web-local, whose only endpoint is on node-2, is answered by node-2" is_answered_by web-local node-2
}

reach_workload() {
    heading "The client reaches the workload"
    say "A web server runs on each node. In place of kube-proxy, nftables rules on each node send the traffic on to them"
    say "(eng/demo/kube-proxy.sh), for FerroLB's part ends where traffic for the address has reached a node."
    local service
    for service in $(service_names); do
        claim 10 "HTTP 200 through $service, $(url_of "$service")" gets_200 "$service"
    done
    claim 10 "web is served by several nodes in turn (externalTrafficPolicy Cluster)" is_served_by_several web
    claim 10 "web-local is served by node-2, which sees the client's own address (Local)" \
        replies_are web-local "node-2 served ${address[client]}"
}

speak_ipv6() {
    heading "IPv6 as well"
    local ip owner
    ip=$(address_of web-ipv6)
    claim 5 "web-ipv6 has an address of ipv6-pool" is_in_ipv6_range web-ipv6
    claim 20 "HTTP 200 through web-ipv6, $(url_of web-ipv6)" gets_200 web-ipv6
    owner=$(announcer_of web-ipv6)
    claim 10 "the client found it by Neighbor Discovery: $ip is at ${mac[$owner]}, $owner" neighbour_is "$ip" "${mac[$owner]}"
}

know_each_other() {
    heading "Speakers know each other, and say what they do"
    say "They speak MetalLB's membership protocol, sealed with the key that the controller made for them."
    claim 20 "each speaker sees three" see_members 3
    show kubectl get speakerstates -n metallb-system
    show kubectl get configurationstates -n metallb-system
    claim 10 "each Service says on itself which node announces it" each_says_it_is_announced
    say "Service web: $(said_of web)"
}

choose_nodes() {
    heading "Advertisements can choose pools, nodes, interfaces and Services"
    say "Selective L2Advertisements (samples/demo/selective) take the place of the one for everything."
    kubectl apply -f samples/demo/selective >/dev/null
    kubectl delete l2advertisement -n metallb-system everything >/dev/null
    claim 10 "web-pool, of a pool chosen by its label, is answered by node-3, the only edge node" is_answered_by web-pool node-3
    claim 10 "web-pool-old, without the label that the advertisement demands, is silent" is_silent "$(address_of web-pool-old)"
    claim 10 "and it says why" says web-pool-old False ServiceNotSelected
    said_of web-pool-old | fold -s -w 120 | sed 's/^/     /'
    claim 10 "web is still answered by one node" is_answered_once web
    kubectl apply -f samples/demo/03-l2-advertisement.yaml >/dev/null
    kubectl delete -f samples/demo/selective >/dev/null
    claim 10 "with the one for everything back, web-pool-old is answered again" is_answered_once web-pool-old
}

exclude_node() {
    heading "A label takes a node out of service"
    local ip old new
    ip=$(address_of web)
    old=$(owner_of "$ip")
    listen_to_arp
    in_ns client curl -s --max-time 2 -o /dev/null "$(url_of web)" || true
    say "web, $ip, is announced by $old. For the client it is at $(neighbour "$ip")."
    mark_heard
    show kubectl label node "$old" $label=
    claim 10 "another node answers for $ip" is_answered_by_other_than web "$old"
    new=$(owner_of "$ip")
    claim 5 "$new told the LAN so by gratuitous ARP" heard_gratuitous_arp "$ip" "${mac[$new]}"
    heard_since | grep -E "$(gratuitous_pattern "$ip" "${mac[$new]}")" | sed -n '1s/^/     /p'
    claim 5 "the client has learnt it: $ip is at ${mac[$new]}" neighbour_is "$ip" "${mac[$new]}"
    claim 10 "HTTP 200 through web" gets_200 web
    claim 10 "kubectl get servicel2status tells it: $new" status_names web "$new"
    show kubectl get servicel2status -A
    claim 10 "and so does the Service" says web True Announced "from node $new "
    show kubectl label node "$old" $label-
    claim 10 "without the label, the address is back at $old" is_answered_by web "$old"
}

lose_node() {
    heading "The announcing node loses its power"
    local ip old new
    ip=$(address_of web)
    old=$(owner_of "$ip")
    say "$old announces $ip. Its Pods are moved away before, so that what the client misses is the address alone; then its cable goes"
    say "dead, and its speaker and its web server are killed by SIGKILL. Nobody says goodbye. A client asks for web all the time."
    report_endpoints "$old" false
    claim 10 "web is served by the other nodes alone" is_not_served_by web "$old"
    mark_heard
    start_asking web
    kill_node "$old"
    claim 30 "another node answers for $ip" is_answered_by_other_than web "$old"
    new=$(owner_of "$ip")
    claim 5 "$new told the LAN so by gratuitous ARP" heard_gratuitous_arp "$ip" "${mac[$new]}"
    claim 10 "HTTP 200 through web" gets_200 web
    claim 10 "the client that asks all the time is answered again" is_answered_again
    kill_process asking
    say "For that client web was away for $(longest_silence) ms. MetalLB needs 6,000 to 7,000 by its own defaults."
    claim 10 "kubectl get servicel2status tells who announces now" status_names web "$new"
    report_node "$old" Unknown
    revive_node "$old"
    claim 30 "$old is back, and so is the address: the election depends on nothing but who is there" is_answered_by web "$old"
    claim 10 "HTTP 200 through web" gets_200 web
    claim 10 "and the statuses follow" status_names web "$old"
}

make_mistake() {
    heading "A mistake in the YAML harms nobody"
    local ip owner mistake='{"spec": {"addresses": ["192.168.1.205-192.168.1.250"]}}'
    ip=$(address_of web)
    owner=$(owner_of "$ip")
    say "The API server asks FerroLB before it stores a pool, and a pool that overlaps another is refused:"
    claim 10 "kubectl is told what is wrong, and how to mend it" is_refused production-pool "$mistake"
    fold -s -w 120 "$state/run/refusal" | sed 's/^/     /'
    say "When nobody can be asked, the mistake is stored, and the last valid form of the pool stays in force:"
    kubectl delete validatingwebhookconfiguration metallb-webhook-configuration >/dev/null
    show kubectl patch ipaddresspool -n metallb-system production-pool --type merge -p "$mistake"
    claim 10 "an Event on the pool says what is wrong, and how to mend it" has_event production-pool 'ingress-pool'
    kubectl get events -n metallb-system -o jsonpath='{.items[-1:].message}' | fold -s -w 120 | sed 's/^/     /'
    echo
    claim 5 "web keeps $ip" has_address web "$ip"
    claim 5 "$owner still answers for it" is_answered_by web "$owner"
    kubectl apply -f samples/demo/02-pools.yaml >/dev/null
    kubectl apply -f deploy/controller/04-webhook.yaml >/dev/null
}

lose_controller() {
    heading "The leading controller dies"
    local old
    old=$(leading_controller)
    say "Two controllers run. $old leads, and the other one stands by. $old is killed by SIGKILL."
    kill_process "$old"
    show kubectl delete service -n shop web-address
    kubectl apply -f samples/demo >/dev/null
    claim 30 "web-address, which was deleted and created anew, has 192.168.2.10 again" has_address web-address 192.168.2.10
    claim 5 "the other controller leads" is_led_by_other_than "$old"
    claim 5 "every Service has an address" every_service_has_an_address
    start_process "$old"
    claim 20 "$old is back and stands by" stands_by "$old"
}

delete_service() {
    heading "A deleted Service falls silent"
    show kubectl delete service -n shop web-address
    claim 10 "nobody answers for 192.168.2.10" is_silent 192.168.2.10
    claim 10 "web is still answered by one node" is_answered_once web
}

explain_keep() {
    heading "It keeps running"
    say "To use kubectl:" "" "  export KUBECONFIG=$kubeconfig" "" "To remove everything: ./demo --down" ""
    [ "$mode" = keep ] || return 0
    say "Things to try:" ""
    say "  kubectl get services -A; kubectl get events -n shop; kubectl explain ipaddresspool.spec"
    say "  ip netns exec $prefix-client curl $(url_of web)"
    say "  ip netns exec $prefix-client arping -c 2 -I eth0 $(address_of web)"
    say "  ip netns exec $prefix-remote curl $(url_of web-routed)"
    say "  vtysh --vty_socket $frr --config_dir $frr -c 'show bgp ipv4 unicast'"
    say "  kubectl label node $(owner_of "$(address_of web)") $label="
    say "  ./demo --restart apiserver        kills it with SIGKILL and starts it again; nothing changes for the client"
    say "  ./demo --restart $(leading_controller)     the same with the leading controller: the other one takes over"
    say "  tail -f ${state#"$PWD"/}/logs/controller-a.log"
}

# ---- What the claims ask

services() { kubectl get services -n shop -o json; }

service_names() { services | jq -r '.items[].metadata.name'; }

address_of() { kubectl get service -n shop "$1" -o 'jsonpath={.status.loadBalancer.ingress[0].ip}'; }

url_of() { services | jq -r --arg name "$1" '.items[] | select(.metadata.name == $name)
    | .status.loadBalancer.ingress[0].ip as $ip | (if $ip | contains(":") then "[\($ip)]" else $ip end) as $host
    | "http://\($host):\(.spec.ports[0].port)/"'; }

every_service_has_an_address() {
    services | jq -e '.items | length == 10 and all(.[]; .status.loadBalancer.ingress | length == 1)' >/dev/null
}

has_address() { [ "$(address_of "$1")" = "$2" ]; }

have_address() { has_address "$2" "$1" && has_address "$3" "$1"; }

is_in_production_range() { [[ $(address_of "$1") =~ ^192\.168\.1\.2([2-4][0-9]|50)$ ]]; }

are_in_ingress_range() {
    local service
    for service; do [[ $(address_of "$service") =~ ^192\.168\.1\.2(0[0-9]|10)$ ]] || return; done
}

is_in_ipv6_range() { [[ $(address_of "$1") =~ ^fd00:192:168:1::2[0-9a-f]{2}$ ]]; }

# The nodes that a Service's ServiceL2Status objects name; one, when all is well.
announcer_of() {
    kubectl get servicel2status -n metallb-system -l "metallb.io/service-name=$1" -o 'jsonpath={.items[*].status.node}'
}

status_names() { [ "$(announcer_of "$1")" = "$2" ]; }

# The condition ferrolb.io/Announced of a Service: status, reason and message.
said_of() {
    kubectl get service -n shop "$1" -o json | jq -r '.status.conditions[]? | select(.type == "ferrolb.io/Announced")
        | "\(.status) \(.reason): \(.message)"'
}

# says SERVICE STATUS REASON [WORDS]
says() { [[ $(said_of "$1") == "$2 $3: "*"${4:-}"* ]]; }

each_says_it_is_announced() {
    local service
    for service in $(service_names); do says "$service" True Announced "from node $(announcer_of "$service") " || return; done
}

# see_members COUNT: every speaker says that so many live.
see_members() {
    kubectl get speakerstates -n metallb-system -o json | jq -e --argjson count "$1" --argjson nodes "${#nodes[@]}" '
        (.items | length) == $nodes and all(.items[]; .status.livingMemberCount == $count)' >/dev/null
}

# The name of the pod that holds the Lease.
leading_controller() {
    local holder
    holder=$(kubectl get lease -n metallb-system ferrolb-controller -o 'jsonpath={.spec.holderIdentity}')
    echo "${holder%_*}"
}

is_led_by_other_than() { [[ $(leading_controller) == controller-? && $(leading_controller) != "$1" ]]; }

# What its log says last about who leads.
stands_by() { grep -E '"msg":"(this|another) controller leads"' "$state/logs/$1.log" | tail -n 1 | grep -q another; }

# Prints the names of all that answer ARP for an address, one on each line.
answers_for() {
    local answer member
    { in_ns client arping -b -w 1 -I eth0 "$1" || true; } | grep -oiE '([0-9a-f]{2}:){5}[0-9a-f]{2}' | tr A-F a-f | sort -u |
        while read -r answer; do
            for member in "${members[@]}"; do [ "${mac[$member]}" != "$answer" ] || echo "$member"; done
        done
}

# The first to answer; quicker than answers_for, which waits for all.
owner_of() {
    local answer member
    answer=$(in_ns client arping -f -w 5 -I eth0 "$1" | grep -oiE '([0-9a-f]{2}:){5}[0-9a-f]{2}' | sed -n 1p | tr A-F a-f) ||
        fail "nobody answers for $1"
    for member in "${members[@]}"; do [ "${mac[$member]}" != "$answer" ] || echo "$member"; done
}

is_silent() { [ -z "$(answers_for "$1")" ]; }

is_answered_once() { [ "$(answers_for "$(address_of "$1")" | wc -l)" -eq 1 ]; }

is_answered_by() { [ "$(answers_for "$(address_of "$1")")" = "$2" ]; }

is_answered_by_other_than() {
    local answers
    answers=$(answers_for "$(address_of "$1")")
    [ "$(wc -w <<<"$answers")" -eq 1 ] && [ "$answers" != "$2" ]
}

# Asks for all addresses at the same time and keeps the answers for print_answers.
each_is_answered_once() {
    local ip
    answers=$state/run/answers
    rm -rf "$answers" && mkdir "$answers"
    for ip in $(services | jq -r '.items[].status.loadBalancer.ingress[0].ip' | grep -v : | sort -u); do
        answers_for "$ip" >"$answers/$ip" &
    done
    wait
    for ip in "$answers"/*; do [ "$(wc -l <"$ip")" -eq 1 ] || return; done
}

print_answers() {
    local file node
    for file in "$answers"/*; do
        node=$(<"$file")
        printf '     %-15s is at %s, %s\n' "$(basename "$file")" "${mac[$node]}" "$node"
    done
}

# is_refused POOL PATCH: the webhook denies the change; its words are in run/refusal.
is_refused() {
    ! kubectl patch ipaddresspool -n metallb-system "$1" --type merge -p "$2" --dry-run=server >/dev/null 2>"$state/run/refusal" &&
        grep -q 'denied the request' "$state/run/refusal"
}

# has_event OBJECT PATTERN: there is a Warning about the object whose message matches.
has_event() {
    kubectl get events -n metallb-system -o json | jq -e --arg object "$1" --arg pattern "$2" '
        any(.items[]; .type == "Warning" and .involvedObject.name == $object and (.message | test($pattern)))' >/dev/null
}

fetch() { in_ns client curl -s --max-time 2 "$1"; }

gets_200() { [ "$(in_ns client curl -s --max-time 2 -o /dev/null -w '%{http_code}' "$(url_of "$1")")" = 200 ]; }

# Prints what six requests get.
fetch_six() {
    local url i
    url=$(url_of "$1")
    for i in 1 2 3 4 5 6; do fetch "$url" || return; done
}

is_served_by_several() { [ "$(fetch_six "$1" | cut -d' ' -f1 | sort -u | wc -l)" -ge 2 ]; }

replies_are() { [ "$(fetch_six "$1" | sort -u)" = "$2" ]; }

is_not_served_by() { ! grep -q "^$2 " <(fetch_six "$1") && [ -n "$(fetch_six "$1")" ]; }

# Asks for a Service's page again and again; each line of the log is a time in seconds and how it went.
start_asking() {
    local url
    url=$(url_of "$1")
    define_process asking client bash -c 'while :; do curl -s --max-time 0.15 -o /dev/null "$0" && how=yes || how=no; '\
'echo "$EPOCHREALTIME $how"; sleep 0.01; done' "$url"
    start_process asking
    until_true 10 grep -q yes "$state/logs/asking.log" || fail "the client is not answered"
    asked=$(wc -l <"$state/logs/asking.log")
}

# The last ten questions were answered, and they are none of those that were asked before the node died.
is_answered_again() {
    [ "$(wc -l <"$state/logs/asking.log")" -ge $((asked + 20)) ] && ! tail -n 10 "$state/logs/asking.log" | grep -q no
}

# The longest time between two answers, in milliseconds.
longest_silence() {
    awk '$2 == "yes" { if (last && $1 - last > longest) longest = $1 - last; last = $1 } END { printf "%.0f", longest * 1000 }' \
        "$state/logs/asking.log"
}

listen_to_arp() {
    define_process arp-at-client client tcpdump -l -n -e -t -i eth0 arp
    start_process arp-at-client
    until_true 10 grep -q 'listening on' "$state/logs/arp-at-client.log" || fail "tcpdump does not start on the client"
}

# Sent to all, with the same address as sender and target (RFC 5227, an announcement, or the same as a reply).
gratuitous_pattern() { echo "^$2 > ff:ff:ff:ff:ff:ff.*(who-has $1 .*tell $1,|Reply $1 is-at $2)"; }

# What the client has heard since mark_heard.
mark_heard() { heard=$(wc -l <"$state/logs/arp-at-client.log"); }

heard_since() { tail -n "+$((heard + 1))" "$state/logs/arp-at-client.log"; }

heard_gratuitous_arp() { grep -qE "$(gratuitous_pattern "$1" "$2")" <(heard_since); }

neighbour() { ip -n "$prefix-client" neighbour show "$1" dev eth0 | grep -o 'lladdr [^ ]*' | cut -d' ' -f2; }

neighbour_is() { [ "$(neighbour "$1")" = "$2" ]; }

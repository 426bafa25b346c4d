# The cluster: the API server, FerroLB's controllers and speakers, and what a real cluster would bring along. Nothing but FerroLB, the
# web servers and the router's FRR is the real thing here: the demo registers the Nodes as kubelets would, says that a dead node is dead as the node controller
# would, and the stand-in for kube-proxy forwards (kube-proxy.sh tells how). The speakers' Pods are objects alone, by which they find each
# other; the Secret with their common key is made by the controller and mounted by the demo.

kubeconfig=$state/kubeconfig
node_kubeconfig=$state/run/kubeconfig

kubectl() { command kubectl --kubeconfig "$kubeconfig" --cache-dir "$state/cache" "$@"; }

# Where the router's FRR keeps its sockets. Not with the rest, for its own user must be able to enter.
frr=/run/$prefix-frr

vtysh() { command vtysh --vty_socket "$frr" --config_dir "$frr" "$@"; }

start_cluster() {
    echo "Starting the API server, two controllers, three speakers and a router ..."
    define_process apiserver control "$ferrolb" apiserver --bind "${address[control]}" --bind "$uplink_control" \
        --data "$state/data" --kubeconfig "$node_kubeconfig" \
        --service-address "metallb-system/metallb-webhook-service=${address[control]}:9443"
    define_controller controller-a
    define_controller controller-b --port=9121 --health-probe-port=17473 --webhook-port=9444
    define_process kube-proxy control env KUBECONFIG="$node_kubeconfig" \
        "$PWD/eng/demo/kube-proxy.sh" "$prefix" "${nodes[@]}"
    define_process router router "$PWD/eng/demo/frr.sh" "$frr" "$PWD/samples/demo/bgp/frr.conf"
    start_process apiserver
    start_process router
    until_true 90 api_answers || fail "the API server does not answer; see $state/logs/apiserver.log"
    kubectl apply -f deploy/crds >/dev/null
    kubectl apply -f samples/demo/01-namespaces.yaml >/dev/null
    kubectl apply -f deploy/controller/03-controller.yaml -f deploy/controller/04-webhook.yaml >/dev/null
    start_process controller-a
    start_process controller-b
    until_true 90 mount_memberlist || fail "the controller makes no Secret memberlist; see $state/logs/controller-a.log"
    local node
    for node in "${nodes[@]}"; do start_node "$node"; done
    start_process kube-proxy
}

# define_controller NAME FLAGS...: one of two that share a machine and a Lease; the Lease is shorter than usual, for nobody likes to wait.
define_controller() {
    define_process "$1" control env KUBECONFIG="$node_kubeconfig" METALLB_NAMESPACE=metallb-system METALLB_POD_NAME="$1" \
        METALLB_ML_SECRET_NAME=memberlist METALLB_DEPLOYMENT=controller \
        "$ferrolb" controller --leader-elect-lease-duration=5s --leader-elect-renew-deadline=3s --leader-elect-retry-period=1s "${@:2}"
}

# For the nodes the API server is on the LAN; for the reader's kubectl it is at the end of the uplink.
api_answers() {
    running_pid apiserver >/dev/null || fail "the API server ended; see $state/logs/apiserver.log"
    [ -s "$node_kubeconfig" ] || return
    sed "s|server: .*|server: https://$uplink_control:6443|" "$node_kubeconfig" >"$kubeconfig"
    kubectl get --raw /readyz >/dev/null 2>&1
}

# Writes the speakers' common key to a file, as a kubelet does with a Secret that a Pod mounts.
mount_memberlist() {
    mkdir -p "$state/run/memberlist"
    kubectl get secret -n metallb-system memberlist -o 'jsonpath={.data.secretkey}' 2>/dev/null | base64 -d >"$state/run/memberlist/secretkey"
    [ -s "$state/run/memberlist/secretkey" ]
}

start_node() {
    local node=$1
    register_node "$node"
    write_web_server "$node"
    define_process "web-$node" "$node" /usr/sbin/nginx -e stderr -p "$state/run/" -c "$state/run/web-$node.conf"
    define_process "speaker-$node" "$node" env KUBECONFIG="$node_kubeconfig" METALLB_NAMESPACE=metallb-system METALLB_NODE_NAME="$node" \
        METALLB_POD_NAME="speaker-$node" METALLB_ML_BIND_ADDR="${address[$node]}" METALLB_ML_LABELS=app=metallb,component=speaker \
        METALLB_ML_SECRET_KEY_PATH="$state/run/memberlist" "$ferrolb" speaker
    start_process "web-$node"
    start_process "speaker-$node"
}

register_node() {
    local node=$1 role=worker
    [ "$node" != node-3 ] || role=edge
    kubectl create -f - >/dev/null <<END
{"apiVersion": "v1", "kind": "Node", "metadata": {"name": "$node",
 "labels": {"kubernetes.io/hostname": "$node", "kubernetes.io/os": "linux", "example.com/role": "$role"}}}
END
    report_node "$node" True
    local pod='{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "speaker-'$node'", "namespace": "metallb-system",
        "labels": {"app": "metallb", "component": "speaker"}},
        "spec": {"nodeName": "'$node'", "hostNetwork": true, "containers": [{"name": "speaker", "image": "ferrolb"}]}}'
    kubectl create -f - <<<"$pod" >/dev/null
    jq --arg ip "${address[$node]}" '.status = {phase: "Running", podIP: $ip, podIPs: [{ip: $ip}]}' <<<"$pod" |
        kubectl replace --raw "/api/v1/namespaces/metallb-system/pods/speaker-$node/status" -f - >/dev/null
}

# Writes a node's status, as its kubelet does while it lives (True) and the node controller when it has fallen silent (Unknown).
report_node() {
    kubectl get node "$1" -o json | jq --arg node "$1" --arg address "${address[$1]}" --arg ready "$2" '
        (now | todate) as $now | .status = {
            addresses: [{type: "InternalIP", address: $address}, {type: "Hostname", address: $node}],
            conditions: [{type: "Ready", status: $ready, reason: "Demo", message: "reported by ./demo",
                lastHeartbeatTime: $now, lastTransitionTime: $now}]}' |
        kubectl replace --raw "/api/v1/nodes/$1/status" -f - >/dev/null
}

# Marks a node's endpoints ready (true) or not (false), as the endpoint-slice controller does.
report_endpoints() {
    kubectl get endpointslices --all-namespaces -o json | jq --arg node "$1" --argjson ready "$2" '
        .items |= [ .[] | select(any(.endpoints[]?; .nodeName == $node))
            | .endpoints |= map(if .nodeName == $node then .conditions.ready = $ready else . end) ]' |
        kubectl replace -f - >/dev/null
}

write_web_server() {
    local node=$1
    cat >"$state/run/web-$node.conf" <<END
daemon off;
master_process off;
pid "$state/run/web-$node.nginx.pid";
events {}
http {
    access_log off;
    client_body_temp_path "$state/run/web-$node.tmp";
    proxy_temp_path "$state/run/web-$node.tmp";
    fastcgi_temp_path "$state/run/web-$node.tmp";
    uwsgi_temp_path "$state/run/web-$node.tmp";
    scgi_temp_path "$state/run/web-$node.tmp";
    server {
        listen $(pod_address "$node"):8080;
        listen [$(pod_address6 "$node")]:8080;
        default_type text/plain;
        location / { return 200 "$node served \$remote_addr\n"; }
    }
}
END
}

# A node loses its power: its cable is dead and so are its processes. It is for others to notice.
kill_node() {
    cut_cable "$1"
    kill_process "speaker-$1"
    kill_process "web-$1"
}

revive_node() {
    plug_cable "$1"
    start_process "web-$1"
    start_process "speaker-$1"
    report_node "$1" True
    report_endpoints "$1" true
}

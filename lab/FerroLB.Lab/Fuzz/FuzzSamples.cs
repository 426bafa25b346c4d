namespace FerroLB.Lab.Fuzz;

/// <summary>Objects as an API server sends them, one of each kind that is read.</summary>
internal static class FuzzSamples
{
    public static readonly string[] Objects =
    [
        """
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"web","namespace":"shop","uid":"5f0c2d7e-0001-4000-8000-0123456789ab",
        "resourceVersion":"42","generation":3,"creationTimestamp":"2030-01-01T00:00:00Z","labels":{"app":"web"},
        "annotations":{"metallb.io/loadBalancerIPs":"10.20.0.4, fd00::4","metallb.io/allow-shared-ip":"k"},
        "managedFields":[{"manager":"kubectl","fieldsV1":{"f:spec":{}}}]},"spec":{"type":"LoadBalancer","clusterIP":"10.96.0.7",
        "clusterIPs":["10.96.0.7","fd00:10:96::7"],"ipFamilies":["IPv4","IPv6"],"ipFamilyPolicy":"PreferDualStack",
        "externalTrafficPolicy":"Local","loadBalancerIP":"10.20.0.4","selector":{"app":"web"},"ports":[{"name":"http",
        "protocol":"TCP","port":80,"targetPort":"http","nodePort":30080},{"protocol":"UDP","port":53,"targetPort":53}]},
        "status":{"loadBalancer":{"ingress":[{"ip":"10.20.0.4","ipMode":"VIP","ports":[{"port":80,"protocol":"TCP"}]}]},
        "conditions":[{"type":"X","status":"True","reason":"Y","message":"z","lastTransitionTime":"2030-01-01T00:00:00Z"}]}}
        """,
        """
        {"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool","metadata":{"name":"main","namespace":"metallb-system","labels":
        {"tier":"gold"}},"spec":{"addresses":["10.20.0.0/24","10.21.0.5-10.21.0.9","fd00:20::/120"],"autoAssign":true,"avoidBuggyIPs":false,
        "serviceAllocation":{"priority":50,"namespaces":["shop"],"namespaceSelectors":[{"matchLabels":{"team":"a"}}],
        "serviceSelectors":[{"matchExpressions":[{"key":"app","operator":"In","values":["web","db"]}]}]}},
        "status":{"assignedIPv4":1,"assignedIPv6":0,"availableIPv4":255,"availableIPv6":256}}
        """,
        """
        {"apiVersion":"metallb.io/v1beta1","kind":"L2Advertisement","metadata":{"name":"all","namespace":"metallb-system"},
        "spec":{"ipAddressPools":["main"],"ipAddressPoolSelectors":[{"matchLabels":{"tier":"gold"}}],"nodeSelectors":[{"matchExpressions":
        [{"key":"kubernetes.io/hostname","operator":"Exists"}]}],"interfaces":["eth0"],"serviceSelectors":[{}],
        "preferredNodeSelectors":[{"weight":100,"preference":{"matchLabels":{"zone":"a"}}}]}}
        """,
        """
        {"apiVersion":"v1","kind":"Node","metadata":{"name":"node-1","labels":
        {"node.kubernetes.io/exclude-from-external-load-balancers":""}},
        "spec":{"unschedulable":true},"status":{"conditions":[{"type":"Ready","status":"True"},{"type":"NetworkUnavailable",
        "status":"False"}],"addresses":[{"type":"InternalIP","address":"192.168.1.11"}]}}
        """,
        """
        {"apiVersion":"discovery.k8s.io/v1","kind":"EndpointSlice","metadata":{"name":"web-1","namespace":"shop","labels":
        {"kubernetes.io/service-name":"web"}},"addressType":"IPv4","endpoints":[{"addresses":["10.244.0.1"],"conditions":{"ready":true,
        "serving":true,"terminating":false},"nodeName":"node-1","targetRef":{"kind":"Pod","name":"web-x"}},{"addresses":[],
        "conditions":{}}],"ports":[{"name":"http","port":8080,"protocol":"TCP"}]}
        """,
        """{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"shop","labels":{"team":"a"}},"status":{"phase":"Active"}}""",
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"speaker-x","namespace":"metallb-system",
        "deletionTimestamp":"2030-01-01T00:00:00Z"},"spec":{"nodeName":"node-1"},
        "status":{"phase":"Running","podIP":"192.168.1.11","podIPs":[{"ip":"192.168.1.11"}]}}
        """,
        """
        {"apiVersion":"v1","kind":"Secret","metadata":{"name":"memberlist"},"type":"Opaque","data":{"secretkey":"c2VjcmV0","bad":"%%"}}
        """,
        """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"exclude"},"data":{"excludel2.yaml":"- ^veth.*\n"}}""",
        """
        {"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":"controller","resourceVersion":"9"},"spec":
        {"holderIdentity":"a","leaseDurationSeconds":15,"acquireTime":"2030-01-01T00:00:00.000000Z",
        "renewTime":"2030-01-01T00:00:05.000000Z","leaseTransitions":2}}
        """,
        """
        {"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","message":"too old resource version","reason":"Expired",
        "details":{"retryAfterSeconds":1,"causes":[{"reason":"FieldValueInvalid","message":"m","field":"spec.x"}]},"code":410}
        """,
    ];
}

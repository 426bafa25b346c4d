namespace FerroLB.Interop.ApiServer;

/// <summary>Objects that several tests apply.</summary>
internal static class Manifests
{
    public const string Pool = """
        apiVersion: metallb.io/v1beta1
        kind: IPAddressPool
        metadata:
          name: first
          labels:
            tier: front
        spec:
          addresses:
          - 192.168.10.0/24
          - 192.168.9.1-192.168.9.5
          avoidBuggyIPs: true
        """;

    public const string PoolWithoutBuggyIps = """
        apiVersion: metallb.io/v1beta1
        kind: IPAddressPool
        metadata:
          name: first
          labels:
            tier: front
        spec:
          addresses:
          - 192.168.10.0/24
        """;

    public const string Service = """
        apiVersion: v1
        kind: Service
        metadata:
          name: shop
          labels:
            app: shop
        spec:
          type: LoadBalancer
          selector:
            app: shop
          ports:
          - name: http
            port: 80
            targetPort: 8080
          - name: https
            port: 443
            targetPort: 8443
        """;

    public const string ServiceWithOnePort = """
        apiVersion: v1
        kind: Service
        metadata:
          name: shop
          labels:
            app: shop
        spec:
          type: LoadBalancer
          selector:
            app: shop
          ports:
          - name: http
            port: 80
            targetPort: 8080
        """;
}

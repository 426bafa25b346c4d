using System.Collections.Generic;
using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>The Python client of Kubernetes, as Debian packages it.</summary>
public sealed class PythonClientTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    private const string Script = """
        import os, sys
        from kubernetes import client, config, watch
        namespace = sys.argv[1]
        config.load_kube_config(os.environ["KUBECONFIG"])
        core, custom = client.CoreV1Api(), client.CustomObjectsApi()
        pools = ("metallb.io", "v1beta1", namespace, "ipaddresspools")
        ports = [client.V1ServicePort(port=80)]
        service = client.V1Service(metadata=client.V1ObjectMeta(name="py"), spec=client.V1ServiceSpec(type="LoadBalancer", ports=ports))
        core.create_namespaced_service(namespace, service)
        listed = core.list_namespaced_service(namespace)
        print("listed", [item.metadata.name for item in listed.items])
        core.patch_namespaced_service("py", namespace, {"metadata": {"labels": {"seen": "yes"}}})
        since = listed.metadata.resource_version
        for event in watch.Watch().stream(core.list_namespaced_service, namespace, resource_version=since, timeout_seconds=20):
            print(event["type"], event["object"].metadata.labels)
            break
        pool = {"apiVersion": "metallb.io/v1beta1", "kind": "IPAddressPool", "metadata": {"name": "py"}}
        pool["spec"] = {"addresses": ["10.1.0.0/24"]}
        custom.create_namespaced_custom_object(*pools, pool)
        print("pools", [item["metadata"]["name"] for item in custom.list_namespaced_custom_object(*pools)["items"]])
        for event in watch.Watch().stream(custom.list_namespaced_custom_object, *pools, timeout_seconds=20):
            print(event["type"], event["object"]["spec"]["addresses"])
            break
        try:
            core.read_namespaced_service("none", namespace)
        except client.ApiException as refused:
            print(refused.status, refused.reason)
        """;

    [Fact]
    public async Task Python_client_lists_watches_and_writes()
    {
        Assert.SkipUnless(Directory.Exists("/usr/lib/python3/dist-packages/kubernetes"), "python3-kubernetes is not installed");
        string ns = await fixture.NamespaceAsync();
        CommandResult result = await CommandResult.RunAsync("/usr/bin/python3", ["-c", Script, ns], fixture.Server.Environment);
        Assert.Equal("", result.Errors);
        IReadOnlyList<string> lines = result.Output.TrimEnd('\n').Split('\n');
        Assert.Equal(
            ["listed ['py']", "MODIFIED {'seen': 'yes'}", "pools ['py']", "ADDED ['10.1.0.0/24']", "404 Not Found"], lines);
    }
}

using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Interop.Lan;

/// <summary>The real `ferrolb` processes on a <see cref="TestLan"/>: the API server beside the bridge, a controller, and speakers on
/// hosts.</summary>
/// <param name="lan">The LAN.</param>
/// <param name="ferrolb">The executable.</param>
internal sealed class TestCluster(TestLan lan, string ferrolb)
{
    private const string Namespace = "metallb-system";

    /// <summary>The kubeconfig that the API server writes.</summary>
    public string Kubeconfig => Path.Combine(lan.Directory, "kubeconfig");

    /// <summary>The administrator's token, which may read everything.</summary>
    public string Token => File.ReadLines(Kubeconfig).Select(line => line.Trim())
        .First(line => line.StartsWith("token: ", StringComparison.Ordinal))["token: ".Length..];

    /// <summary>Starts the API server on 10.98.0.1; it keeps its data over restarts.</summary>
    public Process StartApiServer(params string[] flags) => lan.Start(
        "lan", "apiserver", ferrolb,
        ["apiserver", "--bind", "10.98.0.1", "--data", Path.Combine(lan.Directory, "data"), "--kubeconfig", Kubeconfig, .. flags]);

    /// <summary>Waits until the API server answers.</summary>
    public void WaitForApiServer() =>
        lan.Until("the API server answers", () => File.Exists(Kubeconfig) && TryKubectl("get", "--raw", "/readyz").ExitCode == 0);

    /// <summary>Waits for the API server and applies the custom resource definitions and the own namespace.</summary>
    public void Prepare()
    {
        WaitForApiServer();
        Kubectl("apply", "-f", Tool.InRepository("deploy/crds"));
        Apply(new { apiVersion = "v1", kind = "Namespace", metadata = new { name = Namespace } });
    }

    /// <summary>Starts the controller.</summary>
    public Process StartController(params string[] flags) => lan.Start(
        "lan", "controller", ferrolb, ["controller", "--kubeconfig", Kubeconfig, "--namespace", Namespace, .. flags]);

    /// <summary>Starts the speaker of a host, whose Node has the same name.</summary>
    public Process StartSpeaker(string host, params string[] flags) => lan.Start(
        host, $"speaker-{host}", ferrolb, ["speaker", "--kubeconfig", Kubeconfig, "--namespace", Namespace, "--node-name", host, .. flags]);

    /// <summary>Registers a node that is ready.</summary>
    public void AddNode(string name) => Apply(new
    {
        apiVersion = "v1",
        kind = "Node",
        metadata = new { name },
        status = new { conditions = new[] { new { type = "Ready", status = "True" } } },
    });

    /// <summary>Registers a speaker's pod with the label component=speaker, as a kubelet does: its address is in the status, which only the
    /// subresource takes.</summary>
    public void AddSpeakerPod(string node, string address)
    {
        var pod = new
        {
            apiVersion = "v1",
            kind = "Pod",
            metadata = new { name = $"speaker-{node}", @namespace = Namespace, labels = new { component = "speaker" } },
            spec = new { nodeName = node, containers = new[] { new { name = "speaker", image = "speaker" } } },
            status = new { phase = "Running", podIP = address },
        };
        Apply(pod);
        Replace($"/api/v1/namespaces/{Namespace}/pods/speaker-{node}/status", JsonSerializer.Serialize(pod), _ => { });
    }

    /// <summary>Changes an object and puts it where kubectl's own commands cannot reach.</summary>
    public void Replace(string path, string json, Action<JsonObject> change)
    {
        var value = JsonNode.Parse(json)!.AsObject();
        change(value);
        Kubectl("replace", "--raw", path, "-f", Write(value.ToJsonString()));
    }

    /// <summary>A fresh token of a ServiceAccount of the own namespace.</summary>
    public string TokenOf(string account)
    {
        var file = Write("""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}""");
        var answer = Kubectl("create", "--raw", $"/api/v1/namespaces/{Namespace}/serviceaccounts/{account}/token", "-f", file);
        return JsonNode.Parse(answer)!["status"]!["token"]!.ToString();
    }

    /// <summary>Adds an L2Advertisement of all pools, or replaces it.</summary>
    public void Advertise(object spec, string name = "all") => Apply(new
    {
        apiVersion = "metallb.io/v1beta1",
        kind = "L2Advertisement",
        metadata = new { name, @namespace = Namespace },
        spec,
    });

    /// <summary>Adds a pool and an advertisement of all pools.</summary>
    public void AddPool(string addresses)
    {
        Apply(new
        {
            apiVersion = "metallb.io/v1beta1",
            kind = "IPAddressPool",
            metadata = new { name = "pool", @namespace = Namespace },
            spec = new { addresses = new[] { addresses } },
        });
        Advertise(new { });
    }

    /// <summary>Adds Services with one ready endpoint each.</summary>
    public void AddServices(params string[] names) =>
        Apply([.. names.SelectMany(name => new object[] { Service(name, ["IPv4"]), Endpoints(name) })]);

    /// <summary>Creates many Services of one family with one ready endpoint each, in one call of kubectl.</summary>
    public void CreateServices(AddressFamily family, params string[] names)
    {
        var file = WriteList([.. names.SelectMany(name => new object[] { Service(name, [family.ToString()]), Endpoints(name) })]);
        Kubectl("create", "--validate=false", "-f", file);
    }

    /// <summary>How many Services have an address.</summary>
    public int AssignedCount() => Kubectl("get", "services", "-o", "jsonpath={.items[*].status.loadBalancer.ingress[0].ip}")
        .Split(' ', StringSplitOptions.RemoveEmptyEntries).Length;

    /// <summary>Adds a Service of IPv6 with one ready endpoint.</summary>
    public void AddIpv6Service(string name) => Apply(Service(name, ["IPv6"]), Endpoints(name));

    /// <summary>The address that a Service has; "" for none.</summary>
    public string AddressOf(string service) =>
        TryKubectl("get", "service", service, "-o", "jsonpath={.status.loadBalancer.ingress[0].ip}").Output.Trim();

    /// <summary>Applies objects with kubectl.</summary>
    public void Apply(params object[] objects) => Kubectl("apply", "-f", WriteList(objects));

    /// <summary>Runs kubectl, which must succeed; its output.</summary>
    public string Kubectl(params string[] arguments)
    {
        var (exitCode, output) = TryKubectl(arguments);
        return exitCode == 0 ? output : throw new InvalidOperationException($"kubectl {string.Join(' ', arguments)}: {output}");
    }

    private string WriteList(object[] objects) =>
        Write(JsonSerializer.Serialize(new { apiVersion = "v1", kind = "List", items = objects }));

    private string Write(string json)
    {
        var file = Path.Combine(lan.Directory, Path.GetRandomFileName() + ".json");
        File.WriteAllText(file, json);
        return file;
    }

    private (int ExitCode, string Output) TryKubectl(params string[] arguments) => lan.Try(
        "lan", "kubectl", ["--kubeconfig", Kubeconfig, "--cache-dir", Path.Combine(lan.Directory, "cache"), .. arguments]);

    private static object Service(string name, string[] families) => new
    {
        apiVersion = "v1",
        kind = "Service",
        metadata = new { name, @namespace = "default" },
        spec = new { type = "LoadBalancer", ipFamilies = families, ports = new[] { new { port = 80 } } },
    };

    private static object Endpoints(string name) => new
    {
        apiVersion = "discovery.k8s.io/v1",
        kind = "EndpointSlice",
        metadata = new
        {
            name = $"{name}-1",
            @namespace = "default",
            labels = new System.Collections.Generic.Dictionary<string, string> { ["kubernetes.io/service-name"] = name },
        },
        addressType = "IPv4",
        ports = new[] { new { port = 80 } },
        endpoints = new[] { new { addresses = new[] { "10.97.0.1" }, conditions = new { ready = true, serving = true } } },
    };
}

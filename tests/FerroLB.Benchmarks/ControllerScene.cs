using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text.Json;
using System.Threading;
using FerroLB.Interop.Lan;

namespace FerroLB.Benchmarks;

/// <summary>
/// The scene of the controller's benchmarks: the embedded API server as a process of its own on the loopback, all in memory, with FerroLB's
/// definitions and one large pool; a controller on demand; Services without node ports, of which one cluster has 2,768 only.
/// </summary>
internal sealed class ControllerScene : IDisposable
{
    /// <summary>The collection of the Services.</summary>
    public const string ServicesUrl = "api/v1/namespaces/default/services";

    private const string OwnNamespace = "metallb-system";
    private readonly string _ferrolb = ShippedForm.Executable();
    private readonly List<Process> _processes = [];

    /// <summary>Starts the API server and makes the pool.</summary>
    /// <param name="apiServerFlags">Further flags of the API server.</param>
    public ControllerScene(params string[] apiServerFlags)
    {
        Directory = System.IO.Directory.CreateTempSubdirectory("flb-controller-").FullName;
        ApiServer = Start("apiserver", ["apiserver", "--port", "0", "--kubeconfig", Kubeconfig, .. apiServerFlags]);
        Until("the API server listens", () => File.Exists(Kubeconfig));
        Load = new(Kubeconfig);
        Tool.Run("kubectl", "--kubeconfig", Kubeconfig, "--cache-dir", Path.Combine(Directory, "cache"),
            "apply", "-f", Tool.InRepository("deploy/crds"));
        Load.Create("api/v1/namespaces", new { apiVersion = "v1", kind = "Namespace", metadata = new { name = OwnNamespace } });
        Load.Create($"apis/metallb.io/v1beta1/namespaces/{OwnNamespace}/ipaddresspools", new
        {
            apiVersion = "metallb.io/v1beta1",
            kind = "IPAddressPool",
            metadata = new { name = "pool", @namespace = OwnNamespace },
            spec = new { addresses = new[] { "10.128.0.0/16" } },
        });
    }

    /// <summary>For files; removed at the end.</summary>
    public string Directory { get; }

    /// <summary>The API server's process.</summary>
    public Process ApiServer { get; }

    /// <summary>A plain client.</summary>
    public KubeLoad Load { get; }

    /// <summary>The kubeconfig that the API server writes.</summary>
    public string Kubeconfig => Path.Combine(Directory, "kubeconfig");

    /// <summary>Creates pending Services.</summary>
    /// <param name="first">The number of the first one.</param>
    /// <param name="count">How many.</param>
    /// <param name="loadBalancerClass">The class of a load balancer that does not exist; null for Services that the controller
    /// serves.</param>
    public void CreateServices(int first, int count, string? loadBalancerClass = null)
    {
        var services = Enumerable.Range(first, count).Select(i => Service(NameOf(i), loadBalancerClass));
        Load.SendAll(HttpMethod.Post, "application/json", 32, services.Select(service => (ServicesUrl, JsonSerializer.Serialize(service))));
    }

    /// <summary>The name of a Service.</summary>
    public static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"service-{number:D5}");

    /// <summary>Starts a controller.</summary>
    public Process StartController() => StartNode("controller", "controller");

    /// <summary>Starts a speaker of a node that need not exist.</summary>
    public Process StartSpeaker(string node) => StartNode($"speaker-{node}", "speaker", "--node-name", node);

    /// <summary>The requests that have ended so far, as the API server's log tells them when it is to tell everything.</summary>
    public IReadOnlyList<(string UserAgent, bool IsWatch, bool IsLease)> RequestLog() =>
        [.. File.ReadLines(LogFile("apiserver")).Where(line => line.Contains(" /api", StringComparison.Ordinal)).Select(line => (
            line[(line.LastIndexOf(' ') + 1)..],
            line.Contains("watch=true", StringComparison.Ordinal),
            line.Contains("/leases/", StringComparison.Ordinal)))];

    /// <summary>Waits until a condition holds; throws with the words and the logs' last lines when it does not within the
    /// limit.</summary>
    public void Until(string what, Func<bool> condition, int limitSeconds = 120)
    {
        var clock = Stopwatch.StartNew();
        while (!condition())
        {
            if (clock.Elapsed.TotalSeconds > limitSeconds)
                throw new TimeoutException($"not within {limitSeconds} s: {what}\n{LastLines()}");
            Wait(TimeSpan.FromMilliseconds(20));
        }
    }

    /// <summary>Lets time pass.</summary>
    public static void Wait(TimeSpan time)
    {
        using var nothing = new ManualResetEventSlim();
        nothing.Wait(time);
    }

    public void Dispose()
    {
        Load?.Dispose();
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private static object Service(string name, string? loadBalancerClass) => new
    {
        apiVersion = "v1",
        kind = "Service",
        metadata = new { name, labels = new { app = "benchmark" } },
        spec = new
        {
            type = "LoadBalancer",
            allocateLoadBalancerNodePorts = false,
            loadBalancerClass,
            selector = new { app = name },
            ports = new[] { new { name = "http", port = 80, targetPort = 8080 }, new { name = "https", port = 443, targetPort = 8443 } },
        },
    };

    private Process StartNode(string name, string command, params string[] flags) => Start(
        name,
        [command, "--kubeconfig", Kubeconfig, "--namespace", OwnNamespace, "--port", "0", "--health-probe-port", "0", .. flags]);

    private Process Start(string name, string[] arguments)
    {
        var process = Tool.Start(LogFile(name), _ferrolb, arguments);
        _processes.Add(process);
        return process;
    }

    private string LogFile(string name) => Path.Combine(Directory, name + ".log");

    private string LastLines() => string.Join('\n', System.IO.Directory.GetFiles(Directory, "*.log").Select(file =>
        $"--- {Path.GetFileName(file)}\n{string.Join('\n', File.ReadLines(file).TakeLast(10))}"));
}

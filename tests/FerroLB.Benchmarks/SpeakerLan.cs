using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Benchmarks;

/// <summary>The scene of the speaker's benchmarks: a client, a host whose kernel answers ARP, and three nodes on one LAN, with Services
/// assigned.</summary>
internal sealed class SpeakerLan : IDisposable
{
    /// <summary>The nodes.</summary>
    public static readonly string[] Nodes = ["node-1", "node-2", "node-3"];

    /// <summary>The address of the host whose kernel answers.</summary>
    public static readonly IpAddress KernelAddress = IpAddress.Parse("10.98.0.3");

    /// <summary>Lays out the LAN, starts API server and controller, and waits until every Service has its address.</summary>
    public SpeakerLan()
    {
        Lan = new(["client", "kernel", .. Nodes]);
        Cluster = new(Lan, ShippedForm.Executable());
        Cluster.StartApiServer();
        Cluster.Prepare();
        foreach (var node in Nodes)
            Cluster.AddNode(node);
        Cluster.AddPool("10.98.1.0/24");
        string[] services = ["web-1", "web-2", "web-3", "web-4", "web-5"];
        Cluster.AddServices(services);
        Cluster.StartController();
        Lan.Until("every Service has an address", () => services.All(s => Cluster.AddressOf(s).Length > 0));
        Target = IpAddress.Parse(Cluster.AddressOf("web-1"));
    }

    /// <summary>The LAN.</summary>
    public TestLan Lan { get; }

    /// <summary>The processes on it.</summary>
    public TestCluster Cluster { get; }

    /// <summary>The address of the Service that is asked for.</summary>
    public IpAddress Target { get; }

    /// <summary>Starts the three speakers and waits until one answers.</summary>
    public Process[] StartSpeakers(Func<string, string[]>? flags = null)
    {
        var speakers = Nodes.Select(node => Cluster.StartSpeaker(node, flags?.Invoke(node) ?? [])).ToArray();
        Lan.Until("a speaker answers", () => Lan.ArpAnswers("client", Target.ToString(), 1).Length == 1);
        return speakers;
    }

    /// <summary>Kills processes.</summary>
    public static void Kill(params Process[] processes)
    {
        foreach (var process in processes)
        {
            process.Kill();
            process.WaitForExit();
        }
    }

    /// <summary>The node whose speaker answers for the target.</summary>
    public string Owner()
    {
        var mac = Lan.ArpAnswers("client", Target.ToString(), 1).Single();
        return Nodes.Single(node => Lan.MacOf(node) == mac);
    }

    /// <summary>Runs a measurement on a thread in the client's namespace.</summary>
    public T WithLoad<T>(Func<ArpLoad, T> measure)
    {
        var index = int.Parse(Lan.Ip("client", "-o link show dev eth0").Split(':')[0], CultureInfo.InvariantCulture);
        if (!MacAddress.TryParse(Lan.MacOf("client"), out var mac))
            throw new InvalidOperationException("the client has no MAC address");
        return NamespaceThread.Run(Lan.NamespaceOf("client"), () =>
        {
            using var load = new ArpLoad(index, mac, IpAddress.Parse("10.98.0.2"));
            return measure(load);
        });
    }

    public void Dispose() => Lan.Dispose();
}

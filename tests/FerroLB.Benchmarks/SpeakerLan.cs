using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Benchmarks;

/// <summary>The scene of the speaker's benchmarks: a client, a host whose kernel answers ARP, and three nodes on one LAN, with Services
/// assigned.</summary>
internal sealed class SpeakerLan : IDisposable
{
    /// <summary>The nodes.</summary>
    public static readonly string[] Nodes = ["node-1", "node-2", "node-3"];

    /// <summary>As many Services as most figures need.</summary>
    public const int FewServices = 5;

    private static readonly TimeSpan BurstOfAnnouncements = TimeSpan.FromSeconds(6);
    private readonly AddressFamily _family;
    private readonly int _services;

    /// <summary>Lays out the LAN, starts API server and controller, and waits until every Service has its address.</summary>
    public SpeakerLan(AddressFamily family = AddressFamily.IPv4, int services = FewServices)
    {
        (_family, _services) = (family, services);
        KernelAddress = IpAddress.Parse(family == AddressFamily.IPv4 ? "10.98.0.3" : "fd98::3");
        Lan = new(["client", "kernel", .. Nodes]);
        Cluster = new(Lan, ShippedForm.Executable());
        Cluster.StartApiServer();
        Cluster.Prepare();
        foreach (var node in Nodes)
            Cluster.AddNode(node);
        if (family == AddressFamily.IPv6)
        {
            Lan.Ip("client", "-6 addr add fd98::2/16 dev eth0 nodad");
            Lan.Ip("kernel", "-6 addr add fd98::3/16 dev eth0 nodad");
        }
        Cluster.AddPool(family == AddressFamily.IPv6 ? "fd98:1::/112" : services <= 250 ? "10.98.1.0/24" : "10.98.16.0/20");
        Cluster.CreateServices(family, [.. Enumerable.Range(1, services).Select(NameOf)]);
        Cluster.StartController();
        Lan.Until("every Service has an address", () => Cluster.AssignedCount() == services, 300);
        Target = IpAddress.Parse(Cluster.AddressOf(NameOf(1)));
        Last = IpAddress.Parse(Cluster.AddressOf(NameOf(services)));
    }

    /// <summary>The address of the host whose kernel answers.</summary>
    public IpAddress KernelAddress { get; }

    /// <summary>The LAN.</summary>
    public TestLan Lan { get; }

    /// <summary>The processes on it.</summary>
    public TestCluster Cluster { get; }

    /// <summary>The address of the Service that is asked for.</summary>
    public IpAddress Target { get; }

    /// <summary>The address of the Service that was made last.</summary>
    private IpAddress Last { get; }

    /// <summary>Starts the three speakers and waits until the first and the last address are answered for, and all are announced.</summary>
    public Process[] StartSpeakers(Func<string, string[]>? flags = null)
    {
        var speakers = Nodes.Select(node => Cluster.StartSpeaker(node, flags?.Invoke(node) ?? [])).ToArray();
        foreach (var address in (IpAddress[])[Target, Last])
        {
            Lan.Until("a speaker answers", () => _family == AddressFamily.IPv4
                ? Lan.ArpAnswers("client", address.ToString(), 1).Length == 1
                : Lan.NeighborOf("client", address.ToString()).Length > 0);
        }
        if (_services > FewServices)
            ControllerScene.Wait(BurstOfAnnouncements);
        return speakers;
    }

    /// <summary>
    /// What the speakers' kernels do for them, without speakers: each node joins the solicited-node groups of its share of as many
    /// addresses. Dispose of them to leave.
    /// </summary>
    public GroupMembership[] JoinGroups() => Nodes.Select((node, share) =>
    {
        var index = Lan.IndexOf(node);
        return NamespaceThread.Run(Lan.NamespaceOf(node), () =>
        {
            var memberships = new GroupMembership();
            for (var number = share; number < _services; number += Nodes.Length)
            {
                var address = IpAddress.Parse(string.Create(CultureInfo.InvariantCulture, $"fd98:1::{number:x}"));
                memberships.Join(index, NdpGroup.SolicitedNode(address));
            }
            return memberships;
        });
    }).ToArray();

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
    public T WithLoad<T>(Func<NeighborLoad, T> measure)
    {
        var index = Lan.IndexOf("client");
        if (!MacAddress.TryParse(Lan.MacOf("client"), out var mac))
            throw new InvalidOperationException("the client has no MAC address");
        return NamespaceThread.Run(Lan.NamespaceOf("client"), () =>
        {
            var address = IpAddress.Parse(_family == AddressFamily.IPv4 ? "10.98.0.2" : "fd98::2");
            using var load = new NeighborLoad(index, new(mac, address));
            return measure(load);
        });
    }

    public void Dispose() => Lan.Dispose();

    private static string NameOf(int number) => string.Create(CultureInfo.InvariantCulture, $"web-{number}");
}

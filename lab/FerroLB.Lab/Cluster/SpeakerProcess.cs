using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>A node and the speaker's pod on it: two loops, joined by bounded queues, on the node's interfaces.</summary>
public sealed class SpeakerProcess : IFrameReceiver
{
    private const int LoopbackIndex = 100;

    private readonly VirtualWorld _world;
    private readonly ApiFront _api;
    private readonly NodeClock _clock;
    private readonly MachineFactory _machines;
    private readonly string _loadBalancerClass;
    private readonly IpAddress _address;
    private Joint<LinkCommand>? _down;
    private Joint<LinkReport>? _up;
    private int _starts;

    /// <summary>Puts a node on segments: its interfaces are eth0, eth1 and so on, and lo.</summary>
    public SpeakerProcess(
        VirtualWorld world, ApiFront api, NodeClock clock, MachineFactory machines, string name, int number,
        IReadOnlyList<LanSegment> segments, string loadBalancerClass)
    {
        (_world, _api, _clock, _machines, Name, _loadBalancerClass) = (world, api, clock, machines, name, loadBalancerClass);
        _address = IpAddress.V4(0xC0A80100 + 10 + (uint)number);
        Ports = [.. segments.Select((segment, i) => segment.Connect(
            $"{name}/eth{i}", new MacAddress(0x02_00_00_00_00_00UL + (ulong)(number * 16 + i)), this))];
    }

    /// <summary>The node's name.</summary>
    public string Name { get; }

    /// <summary>The clocks of its machine.</summary>
    public NodeClock Clock => _clock;

    /// <summary>Its interfaces, eth0 first.</summary>
    public IReadOnlyList<LanPort> Ports { get; }

    /// <summary>The control loop; null when the process is down.</summary>
    public ControlBox? Control { get; private set; }

    /// <summary>The link loop; null when the process is down.</summary>
    public LinkBox? Link { get; private set; }

    /// <summary>When the running process was started.</summary>
    public Instant StartedAt { get; private set; }

    /// <summary>Whether it stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Messages between the loops.</summary>
    public int WaitingMessages => (_down?.Waiting ?? 0) + (_up?.Waiting ?? 0);

    /// <summary>Whether one of the node's interfaces has this hardware address.</summary>
    public bool Owns(MacAddress mac) => Ports.Any(port => port.Mac == mac);

    /// <summary>Starts the process unless it runs.</summary>
    public void Start()
    {
        if (Control is not null)
            return;
        _world.Trace.Line(_world.Now, Name, "starts");
        var random = _world.Random.Fork($"speaker/{Name}/{_starts++}");
        StartedAt = _world.Now;
        LinkBox? link = null;
        ControlBox? control = null;
        _down = new(_world, Name + "/down", command => link!.Feed(command));
        _up = new(_world, Name + "/up", report => control!.Receive(new NodeInput.LinkReported(report)));
        Link = link = new(_world, Name + "/link", _clock, _machines.Link(random.NextUInt64()), Ports, _up.Send);
        var machine = _machines.Speaker(new(Name, random.NextUInt64(), _loadBalancerClass));
        Control = control = new(_world, _api, Name, _clock, machine, _down.Send);
        TellLinks();
    }

    /// <summary>Kills the process: it stops answering at once and forgets everything.</summary>
    public void Crash()
    {
        if (Control is null)
            return;
        _world.Trace.Line(_world.Now, Name, "is killed");
        Link!.Stop();
        Control.Stop();
        _down!.Close();
        _up!.Close();
        (Control, Link, IsPaused) = (null, null, false);
        foreach (var port in Ports)
            port.Receiver = this;
    }

    /// <summary>Stops its processor.</summary>
    public void Pause()
    {
        IsPaused = Control is not null;
        Control?.Pause();
        Link?.Pause();
    }

    /// <summary>Lets it go on.</summary>
    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        Link?.Resume();
        Control?.Resume();
    }

    /// <summary>Plugs a cable in or out; the kernel tells the process.</summary>
    public void SetCarrier(int port, bool present)
    {
        if (Ports[port].HasCarrier == present)
            return;
        Ports[port].HasCarrier = present;
        _world.Trace.Line(_world.Now, Ports[port].Name, present ? "has carrier" : "lost carrier");
        TellLinks();
    }

    /// <summary>The addresses that the link loop announces; empty when the process is down.</summary>
    public IEnumerable<IpAddress> Announced() => Link?.Machine.Snapshot.Addresses.Keys ?? [];

    /// <summary>Nobody listens while the process is down.</summary>
    public void Receive(LanPort port, byte[] frame)
    {
    }

    private void TellLinks() => Link?.TellLinks(
    [
        .. Ports.Select((port, i) => new LinkState(i + 1, $"eth{i}", port.Mac)
        {
            IsUp = true,
            HasCarrier = port.HasCarrier,
            IsBroadcast = true,
            MtuBytes = 1500,
            Addresses = [new(IpAddress.V4((uint)_address.Value + 256 * (uint)i), 24)],
        }),
        new LinkState(LoopbackIndex, "lo", MacAddress.Zero) { IsUp = true, HasCarrier = true, MtuBytes = 65_536 },
    ]);
}

using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// A node and the speaker's pod on it: three loops, or four where there are routers, joined by bounded queues, on the node's interfaces
/// and sockets.
/// </summary>
public sealed class SpeakerProcess : IFrameReceiver, IEventTarget
{
    /// <summary>How long a process that was told to end may take: the manifests' grace period.</summary>
    public static readonly TimeSpan GracePeriod = TimeSpan.FromSeconds(5);

    private const int LoopbackIndex = 100;
    private const int LookWhetherEnded = 1;
    private const int KillAnyway = 2;

    private readonly VirtualWorld _world;
    private readonly ApiFront _api;
    private readonly NodeClock _clock;
    private readonly MachineFactory _machines;
    private readonly ClusterPlan _plan;
    private readonly HostNetwork _network;
    private readonly TcpNetwork? _tcp;
    private readonly int _number;
    private Joint<LinkCommand>? _down;
    private Joint<LinkReport>? _up;
    private Joint<GossipInput>? _wishes;
    private Joint<GossipSnapshot>? _pictures;
    private Joint<BgpCommand>? _routes;
    private Joint<BgpReport>? _sessions;
    private int _starts;
    private bool _wasPausedWhileEnding;
    private bool _hasNoPower;
    private bool _hasPeers;

    /// <summary>Puts a node on segments: its interfaces are eth0, eth1 and so on, and lo.</summary>
    public SpeakerProcess(
        VirtualWorld world, ApiFront api, NodeClock clock, MachineFactory machines, int number, IReadOnlyList<LanSegment> segments,
        HostNetwork network, TcpNetwork? tcp, ClusterPlan plan)
    {
        (_world, _api, _clock, _machines, _number, _network, _tcp, _plan) = (world, api, clock, machines, number, network, tcp, plan);
        Name = $"node-{number}";
        Ports = [.. segments.Select((segment, i) => segment.Connect(
            $"{Name}/eth{i}", new MacAddress(0x02_00_00_00_00_00UL + (ulong)(number * 16 + i)), this))];
        network.Add(Address, Ports[0]);
        tcp?.Add(Ports[0], Address, AddressV6);
    }

    /// <summary>The node's name.</summary>
    public string Name { get; }

    /// <summary>The node's address, on its first interface.</summary>
    public IpAddress Address => LabAddress.Node(_number, 0);

    /// <summary>The node's IPv6 address, on its first interface; it has one where there are routers.</summary>
    public IpAddress AddressV6 => LabAddress.NodeV6(_number);

    /// <summary>The clocks of its machine.</summary>
    public NodeClock Clock => _clock;

    /// <summary>Its interfaces, eth0 first.</summary>
    public IReadOnlyList<LanPort> Ports { get; }

    /// <summary>The control loop; null when the process is down.</summary>
    public ControlBox? Control { get; private set; }

    /// <summary>The link loop; null when the process is down.</summary>
    public LinkBox? Link { get; private set; }

    /// <summary>The membership loop; null when the process is down, or has none.</summary>
    public MembershipBox? Members { get; private set; }

    /// <summary>The BGP loop; null when the process is down, or there are no routers.</summary>
    public BgpBox? Bgp { get; private set; }

    /// <summary>When the running process was started.</summary>
    public Instant StartedAt { get; private set; }

    /// <summary>Whether it stands still.</summary>
    public bool IsPaused { get; private set; }

    /// <summary>Whether it was told to end and has not yet.</summary>
    public bool IsEnding { get; private set; }

    /// <summary>Whether it is to be started as soon as it has ended.</summary>
    public bool IsToStart { get; private set; }

    /// <summary>Called when the process has ended by itself.</summary>
    public Action? Ended { get; set; }

    /// <summary>Messages between the loops.</summary>
    public int WaitingMessages =>
        (_down?.Waiting ?? 0) + (_up?.Waiting ?? 0) + (_wishes?.Waiting ?? 0) + (_pictures?.Waiting ?? 0) + (_routes?.Waiting ?? 0) +
        (_sessions?.Waiting ?? 0);

    /// <summary>Whether one of the node's interfaces has this hardware address.</summary>
    public bool Owns(MacAddress mac) => Ports.Any(port => port.Mac == mac);

    /// <summary>Starts the process unless it runs; one that is ending is to be started when it has ended.</summary>
    public void Start()
    {
        IsToStart = IsEnding;
        if (Control is not null)
            return;
        foreach (var port in Ports)
            port.HasCarrier |= _hasNoPower;
        _hasNoPower = false;
        _world.Trace.Line(_world.Now, Name, "starts");
        var random = _world.Random.Fork($"speaker/{Name}/{_starts++}");
        StartedAt = _world.Now;
        LinkBox? link = null;
        ControlBox? control = null;
        _down = new(_world, Name + "/down", command => link!.Feed(command));
        _up = new(_world, Name + "/up", report => control!.Receive(new NodeInput.LinkReported(report)));
        var linkStart = new LinkStart(Name, random.NextUInt64(), _clock.Utc, _plan.HeartbeatInterval);
        Link = link = new(_world, Name + "/link", _clock, _machines.Link(linkStart), Ports, _up.Send);
        if (_plan.HasMembership)
            StartMember(random, picture => control!.Receive(new NodeInput.MembersReported(picture)));
        if (_tcp is not null)
            StartBgp(_tcp, random, report => control!.Receive(new NodeInput.BgpReported(report)));
        var start = new SpeakerStart(
            Name, random.NextUInt64(), _plan.LoadBalancerClass, _plan.HeartbeatInterval > TimeSpan.Zero,
            _plan.HasMembership ? Address : null);
        Control = control = new(
            _world, _api, Name, _clock, _machines.Speaker(start), _down.Send, wish: wish => _wishes?.Send(wish))
        {
            CommandBgp = CommandBgp,
        };
        TellLinks();
    }

    /// <summary>Kills the process: it stops answering at once and forgets everything. Nobody is told when the power is lost too.</summary>
    public void Crash(bool losesPower = false)
    {
        if (Control is null)
            return;
        _world.Trace.Line(_world.Now, Name, losesPower ? "loses power" : "is killed");
        Link!.Stop();
        Members?.Stop();
        Bgp?.Stop();
        Control.Stop();
        if (Members is not null)
            _network.Kill(Address, losesPower);
        _tcp?.Kill(Address, losesPower);
        _down!.Close();
        _up!.Close();
        _wishes?.Close();
        _pictures?.Close();
        _routes?.Close();
        _sessions?.Close();
        (Control, Link, Members, Bgp, IsPaused, IsEnding, _hasNoPower) = (null, null, null, null, false, false, losesPower);
        foreach (var port in Ports)
        {
            port.Receiver = this;
            port.HasCarrier &= !losesPower;
        }
    }

    /// <summary>Tells the process to end; one that has not ended after the grace period is killed, and that is a violation.</summary>
    public void Stop()
    {
        if (Control is null || IsPaused || IsEnding)
            return;
        _world.Trace.Line(_world.Now, Name, "is told to end");
        (IsEnding, _wasPausedWhileEnding) = (true, false);
        Control.Receive(new NodeInput.ShutdownRequested());
        _world.After(TimeSpan.Zero, this, LookWhetherEnded, Control);
        _world.After(GracePeriod, this, KillAnyway, Control);
    }

    /// <summary>Stops its processor.</summary>
    public void Pause()
    {
        IsPaused = Control is not null;
        _wasPausedWhileEnding |= IsEnding;
        Control?.Pause();
        Link?.Pause();
        Members?.Pause();
        Bgp?.Pause();
    }

    /// <summary>Lets it go on.</summary>
    public void Resume()
    {
        if (!IsPaused)
            return;
        IsPaused = false;
        Link?.Resume();
        Members?.Resume();
        Bgp?.Resume();
        Control?.Resume();
    }

    /// <summary>Lets its loops wait for the processor; zero for not any more.</summary>
    public void Starve(TimeSpan mostLateness)
    {
        Link?.Starve(mostLateness);
        Members?.Starve(mostLateness);
        Bgp?.Starve(mostLateness);
        Control?.Starve(mostLateness);
    }

    /// <summary>Plugs a cable in or out; the kernel tells the process.</summary>
    public void SetCarrier(int port, bool present)
    {
        if (Ports[port].HasCarrier == present || _hasNoPower)
            return;
        Ports[port].HasCarrier = present;
        _world.Trace.Line(_world.Now, Ports[port].Name, present ? "has carrier" : "lost carrier");
        TellLinks();
    }

    /// <summary>The addresses that the link loop announces; empty when the process is down.</summary>
    public IEnumerable<IpAddress> Announced() => Link?.Snapshot.Addresses.Keys ?? [];

    /// <summary>Nobody listens while the process is down.</summary>
    public void Receive(LanPort port, byte[] frame)
    {
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if (Control is null || Control != payload)
            return;
        if (Control.IsShutDown && (Members is null || Members.HasLeft) && !IsTakingLeave)
        {
            Crash();
            Ended?.Invoke();
        }
        else if (code == LookWhetherEnded)
            _world.After(TimeSpan.FromMilliseconds(20), this, LookWhetherEnded, Control);
        else if (_wasPausedWhileEnding)
        {
            Crash();
            Ended?.Invoke();
        }
        else
            _world.Report("R6", $"{Name} was told to end and has not after {GracePeriod.TotalSeconds} s");
    }

    private void StartMember(SeededRandom random, Action<GossipSnapshot> report)
    {
        MembershipBox? members = null;
        _wishes = new(_world, Name + "/wishes", wish => members!.Feed(wish));
        _pictures = new(_world, Name + "/members", report);
        var machine = new GossipMachine(
            new(Name, new(Address, MembershipBox.Port)), new SeededRandom(random.NextUInt64()), _clock.Now);
        Members = members = new(_world, _network, Name + "/members", _clock, machine, Address, _pictures.Send);
    }

    // A loop that was never told of a peer has nobody to take leave of.
    private bool IsTakingLeave => _hasPeers && Bgp is { IsSilent: false };

    private void StartBgp(TcpNetwork network, SeededRandom random, Action<BgpReport> report)
    {
        BgpBox? bgp = null;
        _hasPeers = false;
        _routes = new(_world, Name + "/routes", command => bgp!.Feed(command));
        _sessions = new(_world, Name + "/sessions", report);
        var machine = _machines.Bgp(new(Name, random.Fork("bgp").NextUInt64()));
        Bgp = bgp = new(_world, network, Name + "/bgp", _clock, machine, [Address, AddressV6], _sessions.Send);
    }

    private void CommandBgp(BgpCommand command)
    {
        _hasPeers = true;
        _routes?.Send(command);
    }

    /// <summary>A node's interfaces as its kernel describes them.</summary>
    internal static IReadOnlyList<LinkState> Describe(int number, IReadOnlyList<LanPort> ports, bool hasV6 = false) =>
    [
        .. ports.Select((port, i) => new LinkState(i + 1, $"eth{i}", port.Mac)
        {
            IsUp = true,
            HasCarrier = port.HasCarrier,
            IsBroadcast = true,
            MtuBytes = 1500,
            Addresses =
            [
                new(LabAddress.Node(number, i), 16), new(LabAddress.LinkLocal(port.Mac), 64),
                .. hasV6 && i == 0 ? [new LinkAddress(LabAddress.NodeV6(number), 64)] : Array.Empty<LinkAddress>(),
            ],
        }),
        new LinkState(LoopbackIndex, "lo", MacAddress.Zero) { IsUp = true, HasCarrier = true, MtuBytes = 65_536 },
    ];

    private void TellLinks() => Link?.TellLinks(Describe(_number, Ports, _tcp is not null));
}

using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// A speaker without a control loop: its membership machine, and a link loop that owns one address. It joins as speakers do: everybody when
/// it starts, and every minute those who are no members.
/// </summary>
internal sealed class MemberSpeaker : IFrameReceiver, IEventTarget
{
    private static readonly TimeSpan JoinInterval = new MembershipOptions("", default).JoinInterval;

    private readonly VirtualWorld _world;
    private readonly HostNetwork _hosts;
    private readonly MachineFactory _machines;
    private readonly MembersOptions _options;
    private readonly NodeClock _clock;
    private readonly int _number;
    private int _starts;

    public MemberSpeaker(
        VirtualWorld world, LanSegment segment, HostNetwork hosts, int number, MachineFactory machines, MembersOptions options)
    {
        (_world, _hosts, _machines, _options, _number) = (world, hosts, machines, options, number);
        Name = $"node-{number}";
        var random = world.Random.Fork(Name);
        _clock = new(world, Instant.FromSeconds(random.Next(1_000_000)), random.Next(401) - 200, TimeSpan.Zero);
        Port = segment.Connect(Name + "/eth0", new MacAddress(0x02_00_00_00_00_00UL + (ulong)(number * 16)), this);
        hosts.Add(Address, Port);
    }

    public string Name { get; }

    public LanPort Port { get; }

    public IpAddress Address => LabAddress.Node(_number, 0);

    /// <summary>Null while it is dead.</summary>
    public MembershipBox? Members { get; private set; }

    /// <summary>Null while it is dead, or sends no heartbeats.</summary>
    public LinkBox? Link { get; private set; }

    /// <summary>Whom it hears.</summary>
    public SortedSet<string> Heard { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Whom it holds to be silent.</summary>
    public SortedSet<string> Silent { get; private set; } = new(StringComparer.Ordinal);

    /// <summary>Told of everything that its membership tells.</summary>
    public required Action<MemberSpeaker, GossipOutput> Told { get; init; }

    /// <summary>Told of everybody whom it begins to hold to be silent.</summary>
    public required Action<MemberSpeaker, string> CalledSilent { get; init; }

    /// <summary>How many members it sees, itself included.</summary>
    public int Present => Members?.Machine.Snapshot.Members.Count(member => member.IsPresent) ?? 0;

    /// <summary>Whether it sees a member of this name.</summary>
    public bool Sees(string name) =>
        Members is not null && Members.Machine.Snapshot.Members.Any(member => member.IsPresent && member.Name == name);

    public void Start()
    {
        Port.HasCarrier = true;
        var random = _world.Random.Fork($"{Name}/{_starts++}");
        var machine = new GossipMachine(
            new(Name, new(Address, MembershipBox.Port)), new SeededRandom(random.NextUInt64()), _clock.Now);
        Members = new(_world, _hosts, Name + "/members", _clock, machine, Address, null) { Told = output => Told(this, output) };
        if (_options.HeartbeatInterval > TimeSpan.Zero)
            StartLink(random.NextUInt64());
        Join(Members);
    }

    /// <summary>It loses power.</summary>
    public void Crash()
    {
        Members?.Stop();
        Link?.Stop();
        _hosts.Kill(Address, losesPower: true);
        (Members, Link, Port.Receiver, Port.HasCarrier) = (null, null, this, false);
        Silent.Clear();
        Heard.Clear();
    }

    public void Pause()
    {
        Members?.Pause();
        Link?.Pause();
    }

    public void Resume()
    {
        Link?.Resume();
        Members?.Resume();
    }

    public void Receive(LanPort port, byte[] frame)
    {
    }

    /// <summary>Joins those who are missing, as long as it is the same process.</summary>
    public void Fire(int code, object? payload)
    {
        if (payload is MembershipBox members && members == Members)
            Join(members);
    }

    private void Join(MembershipBox members)
    {
        var known = members.Machine.Snapshot.Members.Where(member => member.IsPresent).Select(member => member.Address).ToHashSet();
        var strangers = Enumerable.Range(1, _options.Nodes)
            .Select(number => new GossipAddress(LabAddress.Node(number, 0), MembershipBox.Port))
            .Where(address => !known.Contains(address)).ToImmutableArray();
        if (!strangers.IsEmpty)
            members.Feed(new GossipInput.JoinRequested(strangers));
        _world.After(JoinInterval, this, payload: members);
    }

    private void StartLink(ulong seed)
    {
        var start = new LinkStart(Name, seed, _clock.Utc, _options.HeartbeatInterval);
        Link = new(_world, Name + "/link", _clock, _machines.Link(start), [Port], Learn);
        Link.TellLinks(SpeakerProcess.Describe(_number, [Port]));
        Link.Feed(new LinkCommand.AnnounceService(
            new ObjectKey("default", Name), [new AddressWish(IpAddress.V4(0x0A14_0000 + (uint)_number), null)]));
        Link.Feed(new LinkCommand.ConfirmOwnership(0));
    }

    private void Learn(LinkReport report)
    {
        if (report is not LinkReport.PeersChanged changed)
            return;
        var silent = NamesOf(changed, HeartbeatVerdict.Silent);
        foreach (var name in silent.Where(name => !Silent.Contains(name)))
            CalledSilent(this, name);
        (Silent, Heard) = (silent, NamesOf(changed, HeartbeatVerdict.Heard));
    }

    private static SortedSet<string> NamesOf(LinkReport.PeersChanged changed, HeartbeatVerdict verdict) =>
        new(changed.Peers.Where(peer => peer.Verdict == verdict).Select(peer => peer.Name), StringComparer.Ordinal);
}

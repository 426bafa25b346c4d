using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Scenarios;

/// <summary>
/// Many speakers on one bad wire, without an API server: their membership machines and link loops only, each owning one address. Nobody
/// dies, so whatever one thinks of another's death is wrong, and is counted; and what they say is measured.
/// </summary>
public sealed class MembersRun
{
    private static readonly TimeSpan MeetingTime = TimeSpan.FromMinutes(1);

    private readonly MembersOptions _options;
    private readonly VirtualWorld _world;
    private readonly LanSegment _segment;
    private readonly HostNetwork _hosts;
    private readonly List<MembershipBox> _members = [];
    private readonly List<SortedSet<string>> _silent = [];
    private bool _isCounting;
    private long _suspicions;
    private long _lost;
    private long _wronglySilent;

    /// <summary>Builds the run.</summary>
    public MembersRun(MembersOptions options, MachineFactory machines)
    {
        _options = options;
        _world = new(options.Seed) { EventLimit = long.MaxValue };
        _segment = new(_world, "lan");
        _hosts = new(_world, _segment);
        for (var number = 1; number <= options.Nodes; number++)
            Start(number, machines);
    }

    /// <summary>Lets them meet on a good wire, and then runs to the end on a bad one.</summary>
    public MembersResult Run()
    {
        foreach (var member in _members.Skip(1))
            member.Feed(new GossipInput.JoinRequested([new(LabAddress.Node(1, 0), MembershipBox.Port)]));
        _world.RunUntil(_world.Now + MeetingTime);
        _segment.Faults = new() { LossChance = _options.LossChance, MostDelay = TimeSpan.FromMilliseconds(1) };
        _isCounting = true;
        var (before, heartbeats) = (Sent(), _segment.SentGroupPackets);
        _world.RunUntil(_world.Now + TimeSpan.FromMinutes(_options.Minutes));
        var seconds = 60.0 * _options.Minutes;
        var rates = Sent().Zip(before, (later, earlier) => (later - earlier) / seconds).ToList();
        var allMet = _members.All(member => member.Machine.Snapshot.Members.Count(other => other.IsPresent) == _options.Nodes);
        return new(
            rates.Average(), rates.Max(), (_segment.SentGroupPackets - heartbeats) / seconds, _suspicions, _lost, _wronglySilent, allMet,
            _world.EventCount, _world.Trace.Hash);
    }

    private List<long> Sent() => [.. Enumerable.Range(1, _options.Nodes).Select(number => _hosts.SentBytes(LabAddress.Node(number, 0)))];

    private void Start(int number, MachineFactory machines)
    {
        var name = $"node-{number}";
        var random = _world.Random.Fork(name);
        var clock = new NodeClock(_world, Instant.FromSeconds(random.Next(1_000_000)), random.Next(401) - 200, TimeSpan.Zero);
        var port = _segment.Connect(name + "/eth0", new MacAddress(0x02_00_00_00_00_00UL + (ulong)(number * 16)), new Nobody());
        var address = LabAddress.Node(number, 0);
        _hosts.Add(address, port);
        var machine = new GossipMachine(
            new(name, new(address, MembershipBox.Port)), new SeededRandom(random.NextUInt64()), clock.Now);
        _members.Add(new(_world, _hosts, name + "/members", clock, machine, address, null) { Told = Count });
        if (_options.HeartbeatInterval == TimeSpan.Zero)
            return;
        var known = new SortedSet<string>(StringComparer.Ordinal);
        _silent.Add(known);
        var start = new LinkStart(name, random.NextUInt64(), clock.Utc, _options.HeartbeatInterval);
        var link = new LinkBox(_world, name + "/link", clock, machines.Link(start), [port], report => Count(known, report));
        link.TellLinks(SpeakerProcess.Describe(number, [port]));
        link.Feed(new LinkCommand.AnnounceService(
            new ObjectKey("default", name), [new AddressWish(IpAddress.V4(0x0A14_0000 + (uint)number), null)]));
        link.Feed(new LinkCommand.ConfirmOwnership(0));
    }

    private void Count(GossipOutput told)
    {
        if (!_isCounting)
            return;
        _suspicions += told is GossipOutput.MemberSuspected ? 1 : 0;
        _lost += told is GossipOutput.MemberLeft ? 1 : 0;
    }

    private void Count(SortedSet<string> known, LinkReport report)
    {
        if (report is not LinkReport.PeersChanged changed)
            return;
        var silent = changed.Peers.Where(peer => peer.Verdict == HeartbeatVerdict.Silent).Select(peer => peer.Name).ToList();
        _wronglySilent += _isCounting ? silent.Count(name => !known.Contains(name)) : 0;
        known.Clear();
        known.UnionWith(silent);
    }

    private sealed class Nobody : IFrameReceiver
    {
        public void Receive(LanPort port, byte[] frame)
        {
        }
    }
}

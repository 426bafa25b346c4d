using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Heartbeat;

/// <summary>Heartbeat machines on one LAN under a virtual clock, with loss that a seed decides.</summary>
internal sealed class HeartbeatLan(ulong seed = 1)
{
    public const int Link = 7;
    private static readonly TimeSpan Delay = TimeSpan.FromMicroseconds(200);

    private readonly SeededRandom _random = new(seed);
    private readonly SortedDictionary<string, Member> _members = new(StringComparer.Ordinal);
    private readonly PriorityQueue<(string To, byte[] Packet), (long Due, long Number)> _wire = new();
    private long _number;

    public Instant Now { get; private set; } = Instant.FromSeconds(100);

    /// <summary>Whether a heartbeat from one to another gets lost, beside by chance.</summary>
    public Func<string, string, bool> IsCut { get; set; } = (_, _) => false;

    public double Loss { get; set; }

    /// <summary>Every change of opinion: who, about whom, what, when.</summary>
    public List<(string Who, HeartbeatPeerState Peer, Instant At)> Changes { get; } = [];

    /// <summary>Every other news.</summary>
    public List<(string Who, HeartbeatOutputKind News)> News { get; } = [];

    /// <summary>Every heartbeat that was sent.</summary>
    public List<(string From, byte[] Packet, Instant At)> Sent { get; } = [];

    public HeartbeatMachine this[string name] => _members[name].Machine;

    public HeartbeatMachine Add(
        string name, bool isOwner = true, ulong incarnation = 1000, int intervalMs = 100, bool knowsWhatItOwns = true)
    {
        var machine = new HeartbeatMachine(
            new(name, incarnation, TimeSpan.FromMilliseconds(intervalMs)), _random.Fork($"{name}/{incarnation}"));
        _members[name] = new(machine);
        machine.Handle(HeartbeatInput.LinksChanged([new(Link, true, isOwner)]), Now);
        if (knowsWhatItOwns)
            machine.Handle(HeartbeatInput.OwnershipConfirmed(0), Now);
        Drain(name);
        return machine;
    }

    public void Own(string name, bool isOwner, bool hasCarrier = true) =>
        Tell(name, HeartbeatInput.LinksChanged([new(Link, hasCarrier, isOwner)]));

    public void Tell(string name, HeartbeatInput input)
    {
        this[name].Handle(input, Now);
        Drain(name);
    }

    /// <summary>The process ends without a word.</summary>
    public void Kill(string name) => _members.Remove(name);

    public void Pause(string name) => _members[name].IsPaused = true;

    /// <summary>It goes on, and finds what was sent to it meanwhile.</summary>
    public void Resume(string name)
    {
        var member = _members[name];
        member.IsPaused = false;
        foreach (var packet in member.Missed)
            Tell(name, HeartbeatInput.PacketReceived(Link, packet));
        member.Missed.Clear();
    }

    public void Run(double milliseconds)
    {
        var end = Now + TimeSpan.FromMilliseconds(milliseconds);
        while (true)
        {
            var next = end;
            string? who = null;
            foreach (var (name, member) in _members)
            {
                if (!member.IsPaused && member.Machine.NextDeadline is { } due && due < next)
                    (next, who) = (due > Now ? due : Now, name);
            }
            if (_wire.TryPeek(out _, out var arrival) && arrival.Due <= next.Ticks)
            {
                Now = new(Math.Max(Now.Ticks, arrival.Due));
                var (to, packet) = _wire.Dequeue();
                Deliver(to, packet);
                continue;
            }
            Now = next;
            if (who is null)
                return;
            this[who].Advance(Now);
            Drain(who);
        }
    }

    public HeartbeatVerdict Verdict(string who, string about) =>
        this[who].Peers.SingleOrDefault(peer => peer.Name == about)?.Verdict ?? HeartbeatVerdict.NotJudged;

    public IEnumerable<(string Who, string About)> CalledSilent =>
        Changes.Where(change => change.Peer.Verdict == HeartbeatVerdict.Silent).Select(change => (change.Who, change.Peer.Name));

    private void Deliver(string to, byte[] packet)
    {
        if (!_members.TryGetValue(to, out var member))
            return;
        if (member.IsPaused)
            member.Missed.Add(packet);
        else
            Tell(to, HeartbeatInput.PacketReceived(Link, packet));
    }

    private void Drain(string name)
    {
        while (_members[name].Machine.TryTake(out var output))
        {
            if (output.Kind == HeartbeatOutputKind.PeerChanged)
                Changes.Add((name, output.Peer!, Now));
            else if (output.Kind == HeartbeatOutputKind.SendPacket)
                Send(name, output.Packet.ToArray());
            else
                News.Add((name, output.Kind));
        }
    }

    private void Send(string from, byte[] packet)
    {
        Sent.Add((from, packet, Now));
        foreach (var to in _members.Keys.Where(to => to != from))
        {
            if (!IsCut(from, to) && !_random.Chance(Loss))
                _wire.Enqueue((to, packet), ((Now + Delay).Ticks, _number++));
        }
    }

    private sealed class Member(HeartbeatMachine machine)
    {
        public HeartbeatMachine Machine { get; } = machine;

        public bool IsPaused { get; set; }

        public List<byte[]> Missed { get; } = [];
    }
}

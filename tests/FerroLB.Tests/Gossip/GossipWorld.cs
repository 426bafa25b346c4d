using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Gossip;

/// <summary>
/// Many members on a network under a virtual clock. Datagrams are delayed, lost and doubled as told, streams are delayed; whoever is cut
/// off reaches nobody. A seed fixes everything.
/// </summary>
internal sealed class GossipWorld(ulong seed, GossipTuning? tuning = null)
{
    private readonly SeededRandom _random = new(seed);
    private readonly PriorityQueue<Action, (Instant, long)> _events = new();
    private readonly SortedDictionary<string, Host> _hosts = new(StringComparer.Ordinal);
    private readonly Dictionary<GossipAddress, Host> _byAddress = [];
    private long _count;

    public Instant Now { get; private set; } = Instant.FromSeconds(10);

    public double Loss { get; set; }

    public double Doubling { get; set; }

    /// <summary>What every member was told about others, in order.</summary>
    public List<(Instant At, string Member, GossipOutput Output)> Told { get; } = [];

    public IEnumerable<string> Names => _hosts.Keys;

    public GossipMachine this[string name] => _hosts[name].Machine;

    public GossipWorld Add(int from, int count)
    {
        for (var number = from; number < from + count; number++)
        {
            var address = GossipScript.AddressOf(number);
            var name = $"m{number:000}";
            var config = new GossipConfig(name, address) { Tuning = tuning ?? GossipTuning.Lan };
            var host = new Host(name, address, new(config, new SeededRandom(seed).Fork(name), Now));
            _hosts[name] = _byAddress[address] = host;
        }
        return this;
    }

    /// <summary>Everybody but the first joins the first.</summary>
    public GossipWorld JoinAll()
    {
        var first = _hosts.Values.First();
        foreach (var host in _hosts.Values.Skip(1))
            Feed(host, new GossipInput.JoinRequested([first.Address]));
        return this;
    }

    public void Feed(string name, GossipInput input) => Feed(_hosts[name], input);

    /// <summary>Cuts a member off, or connects it again.</summary>
    public void Cut(string name, bool isCut = true) => _hosts[name].IsCut = isCut;

    /// <summary>Whether every member that is not cut off sees exactly these.</summary>
    public bool AllSee(IEnumerable<string> names) => _hosts.Values.Where(host => !host.IsCut).All(host =>
        host.Machine.Snapshot.Members.Where(m => m.IsPresent).Select(m => m.Name).SequenceEqual(names));

    /// <summary>Runs until the condition holds; how long that took, or null when it did not within the limit.</summary>
    public TimeSpan? Until(Func<bool> condition, double limitSeconds)
    {
        var start = Now;
        while (!condition())
        {
            if (Now - start > TimeSpan.FromSeconds(limitSeconds))
                return null;
            Pass(0.05);
        }
        return Now - start;
    }

    public void Pass(double seconds)
    {
        var end = Now + TimeSpan.FromSeconds(seconds);
        while (true)
        {
            var due = _events.TryPeek(out _, out var first) ? first.Item1 : Instant.MaxValue;
            Host? next = null;
            foreach (var host in _hosts.Values)
            {
                if (host.Machine.NextDeadline is { } deadline && deadline < due)
                    (next, due) = (host, deadline);
            }
            if (due > end)
                break;
            Now = due > Now ? due : Now;
            if (next is null)
                _events.Dequeue()();
            else
            {
                next.Machine.Advance(Now);
                Drain(next);
            }
        }
        Now = end;
    }

    private void Feed(Host host, GossipInput input)
    {
        host.Machine.Handle(input, Now);
        Drain(host);
    }

    private void Drain(Host host)
    {
        while (host.Machine.TryTake(out var output))
        {
            switch (output)
            {
                case GossipOutput.SendDatagram datagram:
                    Send(host, datagram);
                    break;
                case GossipOutput.OpenStream stream:
                    Open(host, stream);
                    break;
                case GossipOutput.WriteStream stream:
                    ToPeer(host, stream.Stream, number => new GossipInput.StreamBytes(number, stream.Plain));
                    break;
                case GossipOutput.CloseStream stream:
                    ToPeer(host, stream.Stream, number => new GossipInput.StreamClosed(number));
                    break;
                default:
                    Told.Add((Now, host.Name, output));
                    break;
            }
        }
    }

    private void Send(Host from, GossipOutput.SendDatagram datagram)
    {
        for (var copies = _random.Chance(Doubling) ? 2 : 1; copies > 0; copies--)
        {
            if (!_random.Chance(Loss))
                Later(from, datagram.To, new GossipInput.DatagramReceived(from.Address, datagram.Plain));
        }
    }

    private void Open(Host from, GossipOutput.OpenStream open)
    {
        if (!_byAddress.TryGetValue(open.To, out var to) || to.IsCut || from.IsCut)
            return;
        var theirs = ++_count;
        from.Peers[open.Stream] = (to, theirs);
        to.Peers[theirs] = (from, open.Stream);
        Later(from, open.To, new GossipInput.StreamAccepted(theirs, from.Address));
        Later(to, from.Address, new GossipInput.StreamOpened(open.Stream));
    }

    private void ToPeer(Host from, long stream, Func<long, GossipInput> input)
    {
        if (from.Peers.TryGetValue(stream, out var peer))
            Later(from, peer.Host.Address, input(peer.Number), isOrdered: true);
    }

    private void Later(Host from, GossipAddress to, GossipInput input, bool isOrdered = false)
    {
        var most = TimeSpan.FromMilliseconds(3);
        var delay = isOrdered ? most : _random.Between(TimeSpan.FromMilliseconds(0.1), most);
        _events.Enqueue(
            () =>
            {
                if (!from.IsCut && _byAddress.TryGetValue(to, out var host) && !host.IsCut)
                    Feed(host, input);
            },
            (Now + delay, ++_count));
    }

    private sealed class Host(string name, GossipAddress address, GossipMachine machine)
    {
        public string Name { get; } = name;

        public GossipAddress Address { get; } = address;

        public GossipMachine Machine { get; } = machine;

        public bool IsCut { get; set; }

        public Dictionary<long, (Host Host, long Number)> Peers { get; } = [];
    }
}

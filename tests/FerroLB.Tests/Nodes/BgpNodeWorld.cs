using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using FerroLB.Tests.Bgp.Wire;
using static FerroLB.Tests.Config.ConfigObjects;
using static FerroLB.Tests.Placement.BgpPlacementTests;

namespace FerroLB.Tests.Nodes;

/// <summary>A BgpNode with one router for each peer that it connects to, and the words that its tests are written in.</summary>
internal sealed class BgpNodeWorld
{
    public const string Local = "192.0.2.200";

    private readonly SortedDictionary<int, (long Stream, Router Router)> _connections = [];
    private readonly Queue<Action> _pending = new();
    private long _lastCaller;

    public BgpNodeWorld(string name = "iris1", string addresses = $"{Local}/24 2001:db8::200/64")
    {
        Node = new(name, 1);
        var entries = addresses.Split(' ').Select(text => text.Split('/'))
            .Select(parts => new LinkAddress(IpAddress.Parse(parts[0]), int.Parse(parts[1], CultureInfo.InvariantCulture)));
        Command(new BgpCommand.UseLinks([new LinkState(2, "eth0", default) { Addresses = [.. entries] }]));
    }

    public BgpNode Node { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(100);

    /// <summary>The routers by address, each of them up unless a test takes it down.</summary>
    public SortedDictionary<string, Router> Routers { get; } = new(StringComparer.Ordinal);

    public List<LogEvent> Logs { get; } = [];

    public List<BfdInput> BfdWishes { get; } = [];

    public List<BgpStreamOptions> Attempts { get; } = [];

    /// <summary>The ports that are listened to.</summary>
    public IReadOnlyList<BgpListenWish> Ports { get; private set; } = [];

    /// <summary>How often ports were ordered.</summary>
    public int PortOrders { get; private set; }

    /// <summary>Numbers of callers that were sent away.</summary>
    public List<long> Refused { get; } = [];

    /// <summary>The interfaces on which routers are heard.</summary>
    public IReadOnlyList<int> RouterLinks { get; private set; } = [];

    /// <summary>Router messages that were sent: type, interface, destination.</summary>
    public List<string> RouterMessages { get; } = [];

    public BgpReport Report { get; private set; } = new([]);

    public SortedDictionary<string, double> Metrics { get; } = new(StringComparer.Ordinal);

    public bool IsSilent { get; private set; }

    public Router RouterAt(string address)
    {
        if (!Routers.TryGetValue(address, out var router))
            Routers[address] = router = new();
        return router;
    }

    /// <summary>Holds sessions with peers, in AS 64501 and seen from AS 64500.</summary>
    public BgpNodeWorld Hold(params KubeObject[] peers)
    {
        var config = Build(peers).Config;
        return Command(new BgpCommand.HoldSessions([.. config.BgpPeers.Select(peer => new BgpPeerWish(peer, config.BfdProfileOf(peer)))]));
    }

    /// <summary>Advertises an address for a Service to all peers; "" for none.</summary>
    public BgpNodeWorld Advertise(string service, string address)
    {
        var config = Build(Pool("main", "10.20.0.0/24"), BgpAd("all", new() { Communities = ["64500:7"] })).Config;
        var routes = address.Length == 0 ? [] : Place(config, Node("rack=1"), Request(address)).Contributions;
        return Command(new BgpCommand.AdvertiseServices([new(new ObjectKey("shop", service), routes)]));
    }

    public BgpNodeWorld Command(BgpCommand command) => Tell(new BgpNodeInput.Commanded(command));

    public BgpNodeWorld Tell(BgpNodeInput input)
    {
        Node.Handle(input, Now);
        return Settle();
    }

    public BgpNodeWorld Pass(double seconds)
    {
        for (var end = Now + TimeSpan.FromSeconds(seconds); Now < end;)
        {
            Now += TimeSpan.FromMilliseconds(100);
            Node.Advance(Now);
            Settle();
            foreach (var (number, (stream, router)) in _connections.ToList())
            {
                router.Machine.Advance(Now);
                Drain(number, stream, router);
            }
            Settle();
        }
        return this;
    }

    /// <summary>Somebody connects to the node; false when he was sent away.</summary>
    public bool Call(string from, int port = 179, int timeToLive = 1, int linkIndex = 0)
    {
        var address = IpAddress.Parse(from);
        var local = IpAddress.Parse(address.IsIPv4 ? Local : "2001:db8::200");
        var caller = new BgpCaller(++_lastCaller, new(address.Family, port, ""), address, local, linkIndex, timeToLive);
        Tell(new BgpNodeInput.ConnectionAccepted(caller));
        return !Refused.Contains(_lastCaller);
    }

    /// <summary>The connection of a router breaks.</summary>
    public BgpNodeWorld Break(string address)
    {
        foreach (var (number, (stream, _)) in _connections.Where(item => item.Value.Router == Routers[address]).ToList())
        {
            _connections.Remove(number);
            Routers[address].Reset(Now);
            Tell(new BgpNodeInput.StreamHappened(number, new BgpSessionInput.StreamClosed(stream)));
        }
        return this;
    }

    private BgpNodeWorld Settle()
    {
        do
        {
            while (Node.TryTake(out var output))
                Take(output);
            if (_pending.TryDequeue(out var action))
                action();
        }
        while (_pending.Count > 0 || HasOutput());
        return this;
    }

    private bool HasOutput()
    {
        if (!Node.TryTake(out var output))
            return false;
        Take(output);
        return true;
    }

    private void Take(BgpNodeOutput output)
    {
        switch (output)
        {
            case BgpNodeOutput.OrderStream order:
                Carry(order.Peer, order.Order);
                break;
            case BgpNodeOutput.Listen listen:
                (Ports, PortOrders) = (listen.Wishes, PortOrders + 1);
                break;
            case BgpNodeOutput.AdmitConnection admit:
                Connect(admit.Peer, admit.Connection, admit.Options.Peer);
                break;
            case BgpNodeOutput.RefuseConnection refuse:
                Refused.Add(refuse.Connection);
                break;
            case BgpNodeOutput.HearRouters hear:
                RouterLinks = hear.Links;
                break;
            case BgpNodeOutput.SendRouterMessage send:
                RouterMessages.Add($"{send.Message.Span[0]} on {send.LinkIndex} to {send.Destination}");
                break;
            case BgpNodeOutput.WishBfd wish:
                BfdWishes.Add(wish.Wish);
                break;
            case BgpNodeOutput.Report told:
                Report = told.Sessions;
                break;
            case BgpNodeOutput.WriteLog line:
                Logs.Add(line.Event);
                break;
            case BgpNodeOutput.ChangeMetric { Change: var change }:
                Apply(change);
                break;
            case BgpNodeOutput.TellSilent:
                IsSilent = true;
                break;
        }
    }

    private void Carry(int number, BgpSessionOutput order)
    {
        switch (order)
        {
            case BgpSessionOutput.OpenStream open:
                Attempts.Add(open.Options);
                var router = RouterAt(open.Options.Peer.ToString());
                if (router.IsAway)
                {
                    _pending.Enqueue(() =>
                        Happen(number, new BgpSessionInput.StreamFailed(open.Stream, BgpStreamFailure.Refused, "refused")));
                    return;
                }
                _pending.Enqueue(() => Happen(number, new BgpSessionInput.StreamOpened(open.Stream, LocalOf(open.Options))));
                Connect(number, open.Stream, open.Options.Peer);
                break;
            case BgpSessionOutput.WriteStream write when _connections.TryGetValue(number, out var to) && to.Stream == write.Stream:
                to.Router.Hear(write.Bytes);
                to.Router.Machine.Handle(new BgpSessionInput.StreamBytes(1, write.Bytes.ToArray()), Now);
                _pending.Enqueue(() => Happen(number, new BgpSessionInput.StreamWritable(write.Stream)));
                _pending.Enqueue(() => Drain(number, write.Stream, to.Router));
                break;
            case BgpSessionOutput.CloseStream close when _connections.TryGetValue(number, out var to) && to.Stream == close.Stream:
                _connections.Remove(number);
                to.Router.IsConnected = false;
                break;
        }
    }

    private void Connect(int number, long stream, IpAddress address)
    {
        var router = RouterAt(address.ToString());
        _connections[number] = (stream, router);
        router.Reset(Now);
        router.Machine.Handle(new BgpSessionInput.StreamAccepted(1, address), Now);
        _pending.Enqueue(() => Drain(number, stream, router));
    }

    private static IpAddress LocalOf(BgpStreamOptions options) => IpAddress.Parse(options.LinkIndex == 0 ? Local : "fe80::200");

    private void Happen(int number, BgpSessionInput input) => Node.Handle(new BgpNodeInput.StreamHappened(number, input), Now);

    private void Drain(int number, long stream, Router router)
    {
        while (router.Machine.TryTake(out var output))
        {
            if (output is BgpSessionOutput.WriteStream write)
            {
                var bytes = write.Bytes.ToArray();
                _pending.Enqueue(() => Happen(number, new BgpSessionInput.StreamBytes(stream, bytes)));
                router.Machine.Handle(new BgpSessionInput.StreamWritable(1), Now);
            }
        }
    }

    private void Apply(MetricChange change)
    {
        var series = $"{change.Name} {change.Labels[0].Value}";
        if (change.Operation == MetricOperation.Remove)
            Metrics.Remove(series);
        else
            Metrics[series] = change.Value + (change.Operation == MetricOperation.Add ? Metrics.GetValueOrDefault(series) : 0);
    }

    /// <summary>A router in AS 64501: a machine of ours from the other side, that keeps the routes.</summary>
    internal sealed class Router
    {
        private BgpNegotiated? _negotiated;

        public BgpSessionMachine Machine { get; private set; } = null!;

        /// <summary>Whether it refuses connections.</summary>
        public bool IsAway { get; set; }

        public bool IsConnected { get; set; }

        /// <summary>Whether it keeps routes over a restart.</summary>
        public bool GracefulRestart { get; init; }

        /// <summary>What it knows: prefix, and communities in words.</summary>
        public SortedDictionary<IpPrefix, string> Routes { get; } = [];

        /// <summary>Every message that came, in words.</summary>
        public List<string> Heard { get; } = [];

        public void Reset(Instant now)
        {
            Routes.Clear();
            IsConnected = true;
            Machine = new(
                new()
                {
                    LocalAsn = 64501, Identifier = 7, PeerAs = BgpPeerAs.External, Peer = IpAddress.Parse(Local), IsPassive = true,
                    IPv4Unicast = true, IPv6Unicast = true, IPv4OverIPv6 = true, GracefulRestart = GracefulRestart,
                },
                new SeededRandom(2), now);
            Machine.Handle(new BgpSessionInput.StartRequested(), now);
        }

        public void Hear(ReadOnlyMemory<byte> octets)
        {
            for (var rest = octets; !rest.IsEmpty;)
            {
                var length = rest.Span[16] * 256 + rest.Span[17];
                Read(rest[..length].ToArray());
                rest = rest[length..];
            }
        }

        private void Read(byte[] message)
        {
            var frame = BgpOctets.FrameOf(message, false);
            Heard.Add(frame.Type == BgpMessageType.Notification
                ? $"Notification {message[19]}/{message[20]}"
                : frame.Type.ToString());
            if (frame.Type != BgpMessageType.Update)
                return;
            _negotiated = Machine.Snapshot.Negotiated ?? _negotiated;
            var update = BgpUpdate.Read(frame.Body, _negotiated!.UpdateContext);
            if (update.EndOfRib is { } family)
            {
                Heard[^1] = $"end of {family}";
                return;
            }
            foreach (var prefix in update.Withdrawn)
                Routes.Remove(prefix);
            foreach (var prefix in update.Announced)
                Routes[prefix] = $"via {update.NextHop} {string.Join(' ', update.ReadAttributes().Communities)}";
            if (update.Reach is not { } reach)
                return;
            foreach (var prefix in reach.Prefixes)
                Routes[prefix] = $"via {reach.NextHop} {string.Join(' ', update.ReadAttributes().Communities)}";
        }
    }
}

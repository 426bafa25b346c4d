using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core;
using FerroLB.Core.Config;
using FerroLB.Core.Nodes;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// The BGP loop's machine with two peers: one that does what the fuzzer wants, and a good one, whose session must never notice. What is
/// written to the bad one must be well-formed and must stop when the connection is closed.
/// </summary>
internal sealed class BgpSessionWorld
{
    private const int Bad = 1;
    private const int Good = 2;
    private const int MostSteps = 100_000;
    private static readonly TimeSpan MostTime = TimeSpan.FromMinutes(20);
    private static readonly IpAddress Local = IpAddress.Parse("192.0.2.1");
    private static readonly IpAddress BadAddress = IpAddress.Parse("192.0.2.2");
    private static readonly IpAddress GoodAddress = IpAddress.Parse("192.0.2.3");
    private static readonly BgpAdvertisementConfig Advertisement = new("all");

    private readonly BgpNode _node = new("node-1", 1);
    private readonly BgpSessionMachine _router;
    private readonly Queue<BgpSessionInput> _toGood = new();
    private readonly Dictionary<long, BgpFramer> _written = [];
    private readonly HashSet<long> _closed = [];
    private readonly Instant _end;
    private Instant _now = Instant.FromSeconds(1_000);
    private BgpSessionView[] _views = [];
    private long _attempt;
    private long _accepted;
    private long _goodStream;
    private bool _isBadWanted = true;

    public BgpSessionWorld()
    {
        _end = _now + MostTime;
        _router = new(
            new()
            {
                LocalAsn = 64513, Identifier = 7, PeerAs = BgpPeerAs.External, Peer = Local, IsPassive = true, IPv4Unicast = true,
            },
            new SeededRandom(2), _now);
        _router.Handle(new BgpSessionInput.StartRequested(), _now);
        Command(new BgpCommand.UseLinks([new LinkState(2, "eth0", default) { Addresses = [new LinkAddress(Local, 24)] }]));
        for (byte service = 0; service < 4; service++)
            Advertise(service);
        Hold(0);
    }

    /// <summary>The first thing that went wrong; null for nothing.</summary>
    public string? Fault { get; private set; }

    /// <summary>The connection of the bad peer that came last.</summary>
    public long Stream { get; private set; }

    /// <summary>The connection that was ordered last is open.</summary>
    public void Open() => TellBad(new BgpSessionInput.StreamOpened(Stream = _attempt, Local));

    /// <summary>The bad peer opens a connection.</summary>
    public void Accept() => TellBad(new BgpSessionInput.StreamAccepted(Stream = ++_accepted, Local));

    /// <summary>Something happens to the bad peer's session.</summary>
    public void TellBad(BgpSessionInput input)
    {
        _node.Handle(new BgpNodeInput.StreamHappened(Bad, input), _now);
        Settle();
    }

    /// <summary>BFD loses or finds the path to the bad peer.</summary>
    public void Bfd(bool isUp)
    {
        var change = new BfdStateChange(
            new(false, BadAddress, null, 0), isUp ? BfdState.Down : BfdState.Up, isUp ? BfdState.Up : BfdState.Down,
            BfdDiagnostic.ControlDetectionTimeExpired, BfdState.Down, BfdDiagnostic.None);
        _node.Handle(new BgpNodeInput.BfdChanged(change), _now);
        Settle();
    }

    /// <summary>A Service comes, goes or moves.</summary>
    public void Advertise(byte choice)
    {
        ImmutableArray<Core.Placement.BgpContribution> routes = choice >= 128
            ? []
            : [new(new(IpAddress.V4(0x0A000000u + choice), 32), Advertisement)];
        Command(new BgpCommand.AdvertiseServices([new(new ObjectKey("shop", $"web-{choice % 8}"), routes)]));
    }

    /// <summary>The bad peer is configured differently, or not at all.</summary>
    public void Hold(byte choice)
    {
        _isBadWanted = choice != byte.MaxValue;
        var bad = new PeerConfig("bad")
        {
            MyAsn = 64512, PeerAsn = 64513u + (choice & 1u), Address = BadAddress, IsPassive = (choice & 2) != 0,
            GracefulRestart = (choice & 4) != 0, DualStack = (choice & 16) != 0,
            HoldTime = TimeSpan.FromSeconds((choice & 8) == 0 ? 90 : 3), KeepaliveTime = TimeSpan.FromSeconds(1),
        };
        var good = new PeerConfig("good") { MyAsn = 64512, PeerAsn = 64513, Address = GoodAddress };
        var wishes = new List<BgpPeerWish> { new(good, null) };
        if (_isBadWanted)
            wishes.Add(new(bad, (choice & 32) != 0 ? null : new("fast")));
        Command(new BgpCommand.HoldSessions([.. wishes]));
    }

    /// <summary>Lets time pass, and does all that falls due.</summary>
    public void Pass(TimeSpan span)
    {
        var end = _now + span < _end ? _now + span : _end;
        for (var step = 0; Fault is null; step++)
        {
            if (Instant.Earlier(_node.NextDeadline, _router.NextDeadline) is not { } due || due > end)
                break;
            if (step > MostSteps)
                Fault = "what is due is never done";
            _now = due > _now ? due : _now;
            _node.Advance(_now);
            _router.Advance(_now);
            Settle();
        }
        _now = end > _now ? end : _now;
    }

    /// <summary>What is wrong in the end; null for nothing.</summary>
    public string? Judge()
    {
        // The report of what happened last may be a second away.
        Pass(TimeSpan.FromSeconds(2));
        if (Fault is not null)
            return Fault;
        if (_router.State != BgpSessionState.Established)
            return $"the session of the good peer is {_router.State}";
        if (_router.Snapshot.Counters.Establishments != 1)
            return "the session of the good peer began anew";
        return _views.Any(view => view is { Peer: "good", State: BgpSessionState.Established })
            ? null
            : $"the report says {string.Join(", ", _views.Select(view => $"{view.Peer} {view.State}"))}";
    }

    private void Command(BgpCommand command)
    {
        _node.Handle(new BgpNodeInput.Commanded(command), _now);
        Settle();
    }

    private void Settle()
    {
        while (Fault is null)
        {
            if (_node.TryTake(out var output))
                Take(output);
            else if (_router.TryTake(out var said))
                Hear(said);
            else if (_toGood.TryDequeue(out var input))
                _node.Handle(new BgpNodeInput.StreamHappened(Good, input), _now);
            else
                return;
        }
    }

    private void Take(BgpNodeOutput output)
    {
        if (output is BgpNodeOutput.Report report)
            _views = [.. report.Sessions.Sessions];
        else if (output is BgpNodeOutput.OrderStream { Peer: Good } good)
            CarryToGood(good.Order);
        else if (output is BgpNodeOutput.OrderStream { Peer: Bad } bad)
            CarryToBad(bad.Order);
    }

    private void CarryToGood(BgpSessionOutput order)
    {
        switch (order)
        {
            case BgpSessionOutput.OpenStream open:
                _goodStream = open.Stream;
                _router.Handle(new BgpSessionInput.StreamAccepted(1, GoodAddress), _now);
                _toGood.Enqueue(new BgpSessionInput.StreamOpened(open.Stream, Local));
                break;
            case BgpSessionOutput.WriteStream write:
                _router.Handle(new BgpSessionInput.StreamBytes(1, write.Bytes.ToArray()), _now);
                _toGood.Enqueue(new BgpSessionInput.StreamWritable(write.Stream));
                break;
            case BgpSessionOutput.CloseStream:
                Fault = "the good peer's connection is closed";
                break;
        }
    }

    private void Hear(BgpSessionOutput said)
    {
        if (said is BgpSessionOutput.WriteStream write)
        {
            _toGood.Enqueue(new BgpSessionInput.StreamBytes(_goodStream, write.Bytes.ToArray()));
            _router.Handle(new BgpSessionInput.StreamWritable(1), _now);
        }
        else if (said is BgpSessionOutput.SessionDown down)
        {
            Fault = $"the good peer ended the session: {down.Error.Text}";
        }
    }

    private void CarryToBad(BgpSessionOutput order)
    {
        switch (order)
        {
            case BgpSessionOutput.OpenStream open:
                _attempt = open.Stream;
                break;
            case BgpSessionOutput.CloseStream close:
                _closed.Add(close.Stream);
                break;
            case BgpSessionOutput.WriteStream write when _closed.Contains(write.Stream):
                Fault = "octets are written to a connection that is closed";
                break;
            case BgpSessionOutput.WriteStream write:
                Check(write);
                break;
        }
    }

    private void Check(BgpSessionOutput.WriteStream write)
    {
        if (!_written.TryGetValue(write.Stream, out var framer))
            _written.Add(write.Stream, framer = new() { AllowsExtendedMessages = true });
        framer.Append(write.Bytes.Span);
        while (framer.TryTake(out _))
        {
            // Whole messages only.
        }
        if (framer.Error is { } error || framer.PendingBytes > 0)
            Fault = $"no message is written to the bad peer: {framer.Error}, {framer.PendingBytes} octets left over";
    }
}

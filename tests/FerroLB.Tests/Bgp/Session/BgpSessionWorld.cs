using System;
using System.Buffers;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Bgp.Session;

/// <summary>One session machine, a kernel that does what it is told, and a peer that says what the test wants.</summary>
internal sealed class BgpSessionWorld
{
    public const uint PeerAsn = 65002;
    public const uint LocalAsn = 65001;
    public const uint LocalIdentifier = 0x0A000001;
    public const uint PeerIdentifier = 0x0A000002;
    public static readonly IpAddress Local = IpAddress.Parse("192.0.2.1");

    public static readonly BgpSessionConfig Config = new()
    {
        LocalAsn = LocalAsn,
        PeerAsn = PeerAsn,
        Identifier = LocalIdentifier,
        Peer = IpAddress.Parse("192.0.2.2"),
        HoldTimeSeconds = 90,
        KeepAliveSeconds = 30,
        IPv4Unicast = true,
    };

    private readonly Dictionary<long, BgpFramer> _framers = [];
    private long _lastAccepted;

    public BgpSessionWorld(BgpSessionConfig? config = null, ulong seed = 1) => Machine = new(config ?? Config, new SeededRandom(seed), Now);

    public BgpSessionMachine Machine { get; }

    public Instant Now { get; private set; } = Instant.FromSeconds(1_000);

    /// <summary>Everything that came out, except octets.</summary>
    public List<(Instant At, BgpSessionOutput Output)> Outputs { get; } = [];

    /// <summary>Messages by the connection that they were written on.</summary>
    public List<(Instant At, long Stream, BgpMessageType Type, byte[] Body)> Sent { get; } = [];

    public HashSet<long> Closed { get; } = [];

    /// <summary>Whether the kernel takes everything at once.</summary>
    public bool KernelTakes { get; set; } = true;

    /// <summary>The connection that was opened or accepted last.</summary>
    public long Stream { get; private set; }

    public BgpSessionState State => Machine.State;

    public IEnumerable<BgpSessionOutput.OpenStream> Attempts => Of<BgpSessionOutput.OpenStream>();

    public BgpSessionError Error => Machine.Snapshot.LastError!;

    public BgpNotification[] NotificationsSent =>
        [.. Sent.Where(sent => sent.Type == BgpMessageType.Notification).Select(sent => BgpNotification.Read(sent.Body))];

    public static BgpOpen PeerOpen(uint asn = PeerAsn, ushort hold = 90, uint identifier = PeerIdentifier, params BgpCapability[] more) =>
        BgpOpen.Of(
            asn, hold, identifier,
            [new BgpCapability.MultiProtocol(BgpFamily.IPv4Unicast), new BgpCapability.RouteRefresh(), .. more]);

    public IEnumerable<T> Of<T>() => Outputs.Select(entry => entry.Output).OfType<T>();

    public BgpSessionWorld Start()
    {
        Handle(new BgpSessionInput.StartRequested());
        return this;
    }

    /// <summary>The connection that was ordered last is open.</summary>
    public BgpSessionWorld Connect()
    {
        Stream = Attempts.Last().Stream;
        Handle(new BgpSessionInput.StreamOpened(Stream, Local));
        return this;
    }

    /// <summary>The peer opened a connection.</summary>
    public BgpSessionWorld Accept()
    {
        Stream = ++_lastAccepted;
        Handle(new BgpSessionInput.StreamAccepted(Stream, Local));
        return this;
    }

    public BgpSessionWorld Confirm(BgpOpen? open = null)
    {
        Say(open ?? PeerOpen());
        return this;
    }

    /// <summary>Goes all the way.</summary>
    public BgpSessionWorld Establish(BgpOpen? open = null)
    {
        if (State is BgpSessionState.Idle && !Attempts.Any())
            Start();
        if (State is BgpSessionState.Connect)
            Connect();
        else if (State is BgpSessionState.Active)
            Accept();
        Confirm(open);
        SayKeepAlive();
        Assert.Equal(BgpSessionState.Established, State);
        return this;
    }

    public void Say(BgpOpen open) => Say(output => BgpMessageWriter.WriteOpen(output, open));

    public void SayKeepAlive() => Say(BgpMessageWriter.WriteKeepAlive);

    public void Say(BgpNotification notification) => Say(output => BgpMessageWriter.WriteNotification(output, notification));

    public void SayRefresh(BgpFamily family) =>
        Say(output => BgpMessageWriter.WriteRouteRefresh(output, new(family, BgpRouteRefreshKind.Request)));

    public void Say(Action<IBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        SayBytes(output.WrittenSpan.ToArray());
    }

    public void SayBytes(byte[] bytes) => Handle(new BgpSessionInput.StreamBytes(Stream, bytes));

    public void Handle(BgpSessionInput input)
    {
        Machine.Handle(input, Now);
        Drain();
    }

    /// <summary>Lets time pass and does all that falls due, on time.</summary>
    public void Run(TimeSpan span)
    {
        var end = Now + span;
        while (Machine.NextDeadline is { } due && due <= end)
        {
            Now = due > Now ? due : Now;
            Machine.Advance(Now);
            Assert.False(Machine.NextDeadline <= Now, "the deadline did not move");
            Drain();
        }
        Now = end;
    }

    /// <summary>Time passes while the peer shows signs of life.</summary>
    public void RunAlive(TimeSpan span)
    {
        for (var past = TimeSpan.Zero; past < span; past += TimeSpan.FromSeconds(1))
        {
            SayKeepAlive();
            Run(TimeSpan.FromSeconds(1));
        }
    }

    public void Forget()
    {
        Outputs.Clear();
        Sent.Clear();
        Closed.Clear();
    }

    public IEnumerable<BgpMessageType> TypesSent(long stream) => Sent.Where(sent => sent.Stream == stream).Select(sent => sent.Type);

    private void Drain()
    {
        while (Machine.TryTake(out var output))
        {
            switch (output)
            {
                case BgpSessionOutput.WriteStream write:
                    Read(write);
                    break;
                case BgpSessionOutput.CloseStream close:
                    Closed.Add(close.Stream);
                    Outputs.Add((Now, output));
                    break;
                default:
                    Outputs.Add((Now, output));
                    break;
            }
        }
    }

    private void Read(BgpSessionOutput.WriteStream write)
    {
        Assert.DoesNotContain(write.Stream, Closed);
        if (!_framers.TryGetValue(write.Stream, out var framer))
            _framers.Add(write.Stream, framer = new() { AllowsExtendedMessages = true });
        framer.Append(write.Bytes.Span);
        while (framer.TryTake(out var frame))
            Sent.Add((Now, write.Stream, frame.Type, frame.Body.ToArray()));
        Assert.Null(framer.Error);
        Assert.Equal(0, framer.PendingBytes);
        if (KernelTakes)
            Machine.Handle(new BgpSessionInput.StreamWritable(write.Stream), Now);
    }
}

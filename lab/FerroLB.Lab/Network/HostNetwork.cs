using System;
using System.Collections.Generic;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>
/// UDP and TCP between the hosts of a segment, which decides what arrives: whoever lost carrier or is cut off there is cut off here too.
/// A datagram may be lost, doubled and overtaken. A stream arrives in order and whole, but cut at random places: what is lost is sent again
/// after a wait that doubles, until the connection is given up. A host whose process died answers a stream with a reset; one that lost its
/// power answers nothing, and knows nothing of its streams when it is back.
/// </summary>
public sealed class HostNetwork(VirtualWorld world, LanSegment segment) : IEventTarget
{
    private const int DatagramArrives = 0;
    private const int SegmentArrives = 1;
    private const int SendAgain = 2;

    private const int MostTries = 8;
    private const int MostPieces = 3;
    private const int DatagramHeaderBytes = 28;
    private const int SegmentHeaderBytes = 40;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);

    private readonly SortedDictionary<IpAddress, Host> _hosts = [];
    private readonly SeededRandom _random = world.Random.Fork("hosts/" + segment.Name);

    /// <summary>Puts a host on the wire; nobody listens there yet.</summary>
    public void Add(IpAddress address, LanPort port) => _hosts.Add(address, new(port));

    /// <summary>A process begins to listen.</summary>
    public void Listen(IpAddress address, IHostProcess process) => _hosts[address].Process = process;

    /// <summary>The octets that a host has sent so far, IP and UDP or TCP headers included.</summary>
    public long SentBytes(IpAddress address) => _hosts[address].SentBytes;

    /// <summary>A host's process is gone. With the power gone too, nobody is told.</summary>
    public void Kill(IpAddress address, bool losesPower)
    {
        var host = _hosts[address];
        host.Process = null;
        foreach (var stream in host.Streams)
        {
            stream.IsClosed = true;
            stream.Unsent.Clear();
            if (!losesPower)
                Submit(stream, _random.Chance(0.5) ? HostSegmentKind.End : HostSegmentKind.Reset);
        }
        host.Streams.Clear();
    }

    /// <summary>Sends a datagram; where there is no host it is lost.</summary>
    public void Send(IpAddress from, IpAddress to, byte[] octets)
    {
        var sender = _hosts[from];
        sender.SentBytes += octets.Length + DatagramHeaderBytes;
        if (!_hosts.TryGetValue(to, out var receiver))
            return;
        var copies = segment.Draw(sender.Port, receiver.Port, out var first, out var second);
        var datagram = new Datagram(from, receiver, octets);
        if (copies > 0)
            world.After(first, this, DatagramArrives, datagram);
        if (copies > 1)
            world.After(second, this, DatagramArrives, datagram);
    }

    /// <summary>Begins to open a stream.</summary>
    public HostStream Open(IpAddress from, IpAddress to, long number)
    {
        var stream = new HostStream(from, to) { Number = number };
        _hosts[from].Streams.Add(stream);
        Submit(stream, HostSegmentKind.Open);
        return stream;
    }

    /// <summary>Sends octets on a stream.</summary>
    public void Write(HostStream stream, ReadOnlySpan<byte> octets)
    {
        for (var pieces = 1 + _random.Next(MostPieces); pieces > 1 && octets.Length > 1; pieces--)
        {
            var cut = 1 + _random.Next(octets.Length - 1);
            Submit(stream, HostSegmentKind.Octets, octets[..cut].ToArray());
            octets = octets[cut..];
        }
        Submit(stream, HostSegmentKind.Octets, octets.ToArray());
    }

    /// <summary>Ends a stream after what was written.</summary>
    public void Close(HostStream stream)
    {
        if (stream.IsClosed)
            return;
        stream.IsClosed = true;
        _hosts[stream.Local].Streams.Remove(stream);
        Submit(stream, HostSegmentKind.End);
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if (code == DatagramArrives)
        {
            var (from, to, octets) = (Datagram)payload!;
            if (to.Port.HasCarrier)
                to.Process?.Receive(from, octets);
            return;
        }
        var stream = (HostStream)payload!;
        if (code == SendAgain)
            Try(stream);
        else if (!segment.IsOpen(_hosts[stream.Local].Port, _hosts[stream.Remote].Port))
            Wait(stream);
        else
            Arrive(stream);
    }

    private void Submit(HostStream stream, HostSegmentKind kind, byte[]? octets = null)
    {
        stream.Unsent.Enqueue(new(kind, octets ?? []));
        if (!stream.IsSending)
            Try(stream);
    }

    private void Try(HostStream stream)
    {
        stream.IsSending = stream.Unsent.Count > 0;
        if (!stream.IsSending)
            return;
        var from = _hosts[stream.Local];
        from.SentBytes += stream.Unsent.Peek().Octets.Length + SegmentHeaderBytes;
        if (_hosts.TryGetValue(stream.Remote, out var to) && segment.Draw(from.Port, to.Port, out var delay, out _) > 0)
            world.After(delay, this, SegmentArrives, stream);
        else
            Wait(stream);
    }

    private void Wait(HostStream stream)
    {
        if (++stream.Tries < MostTries)
        {
            world.After(FirstWait * (1 << stream.Tries - 1), this, SendAgain, stream);
            return;
        }
        stream.Unsent.Clear();
        stream.IsSending = false;
        End(stream, "connection timed out");
    }

    private void Arrive(HostStream sender)
    {
        sender.Tries = 0;
        if (sender.Unsent.TryDequeue(out var what))
            Take(sender, what);
        Try(sender);
    }

    private void Take(HostStream sender, HostSegment what)
    {
        var host = _hosts[sender.Remote];
        if (what.Kind == HostSegmentKind.Open)
        {
            var accepted = new HostStream(sender.Remote, sender.Local) { Peer = sender, IsClosed = host.Process is null };
            sender.Peer = accepted;
            if (!accepted.IsClosed)
                host.Streams.Add(accepted);
            Submit(accepted, accepted.IsClosed ? HostSegmentKind.Reset : HostSegmentKind.OpenedToo);
            return;
        }
        if (sender.Peer is not { } stream)
            return;
        if (stream.IsClosed || host.Process is not { } process)
        {
            if (what.Kind != HostSegmentKind.Reset && what.Kind != HostSegmentKind.End)
                Submit(stream, HostSegmentKind.Reset);
            return;
        }
        switch (what.Kind)
        {
            case HostSegmentKind.OpenedToo:
                Submit(stream, HostSegmentKind.Established);
                process.Opened(stream);
                break;
            case HostSegmentKind.Established:
                process.Accepted(stream);
                break;
            case HostSegmentKind.Octets:
                process.Receive(stream, what.Octets);
                break;
            case HostSegmentKind.End:
                process.Ended(stream, null);
                break;
            case HostSegmentKind.Reset:
                End(stream, "connection reset by peer");
                break;
        }
    }

    private void End(HostStream stream, string failure)
    {
        if (stream.IsClosed)
            return;
        stream.IsClosed = true;
        var host = _hosts[stream.Local];
        host.Streams.Remove(stream);
        host.Process?.Ended(stream, failure);
    }

    private sealed record Datagram(IpAddress From, Host To, byte[] Octets);

    private sealed class Host(LanPort port)
    {
        public LanPort Port => port;

        public IHostProcess? Process { get; set; }

        public List<HostStream> Streams { get; } = [];

        public long SentBytes { get; set; }
    }
}

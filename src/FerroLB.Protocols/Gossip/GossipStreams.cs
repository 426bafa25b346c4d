using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Gossip.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// Everything on streams: whole pictures exchanged with others, at their wish and at ours, and pings. Each stream carries one message each
/// way and has a deadline. At most 128 accepted streams at a time and 64 MiB waiting to be whole; who comes later is turned away.
/// </summary>
internal sealed class GossipStreams(GossipContext context, GossipVerdicts verdicts)
{
    private const int MostAccepted = 128;
    private const long MostHeldBytes = 64L * 1024 * 1024;

    private readonly SortedDictionary<long, Stream> _streams = [];
    private long _lastOwn;
    private int _accepted;
    private long _heldBytes;

    /// <summary>Called when a stream opened by <see cref="OpenPushPull"/> is done: null, or why it failed.</summary>
    public Action<GossipAddress, string?, Instant>? JoinEnded { get; set; }

    public Instant? NextDeadline
    {
        get
        {
            Instant? next = null;
            foreach (var stream in _streams.Values)
                next = Instant.Earlier(next, stream.Deadline);
            return next;
        }
    }

    /// <summary>Starts to exchange the whole picture.</summary>
    public void OpenPushPull(GossipAddress to, bool isJoin, Instant now) =>
        Open(new(--_lastOwn, StreamKind.PushPull, to, now + context.Tuning.TcpTimeout) { IsJoin = isJoin });

    /// <summary>Starts a ping; the stream's number.</summary>
    public long OpenPing(GossipAddress to, GossipMessage.Ping ping, Instant deadline, Instant now)
    {
        // It outlives its deadline by a moment: the probe asks for its answer then, and abandons it.
        Open(new(--_lastOwn, StreamKind.Ping, to, Later(deadline, now) + context.Tuning.ProbeInterval) { Ping = ping });
        return _lastOwn;
    }

    /// <summary>Whether a ping was answered.</summary>
    public bool TakePingAnswer(long stream) => _streams.TryGetValue(stream, out var found) && found.IsAnswered;

    /// <summary>Closes a stream whose outcome nobody needs any more.</summary>
    public void Abandon(long stream)
    {
        if (_streams.TryGetValue(stream, out var found))
            Close(found);
    }

    public void Accept(long number, GossipAddress from, Instant now)
    {
        if (_accepted >= MostAccepted || number < 0 || _streams.ContainsKey(number))
        {
            context.Report(GossipReport.LimitReached, $"a stream from {from} is turned away: there are {_accepted}");
            context.Emit(new GossipOutput.CloseStream(number));
            return;
        }
        _accepted++;
        _streams.Add(number, new(number, StreamKind.Accepted, from, now + context.Tuning.TcpTimeout));
    }

    public void Opened(long number, Instant now)
    {
        if (!_streams.TryGetValue(number, out var stream) || stream.Kind == StreamKind.Accepted || stream.IsOpen)
            return;
        stream.IsOpen = true;
        if (stream.Kind == StreamKind.Ping)
        {
            Write(stream, GossipCodec.Encode(stream.Ping!));
            return;
        }
        stream.Deadline = now + context.Tuning.TcpTimeout;
        Write(stream, GossipStreamMessage.Encode(Picture(stream.IsJoin)));
    }

    public void Receive(long number, ReadOnlySpan<byte> bytes, Instant now)
    {
        if (!_streams.TryGetValue(number, out var stream) || stream.IsAnswered)
            return;
        var heldBefore = stream.Message.HeldBytes;
        var result = stream.Message.Append(bytes);
        _heldBytes += stream.Message.HeldBytes - heldBefore;
        if (result == GossipDecodeResult.Ok)
            Complete(stream, stream.Message.Message!, now);
        else if (result == GossipDecodeResult.Malformed)
            Refuse(stream, "what came is not a message of this protocol", now);
        else if (_heldBytes > MostHeldBytes)
        {
            context.Report(GossipReport.LimitReached, $"the stream with {stream.Peer} is closed: too many octets wait on streams");
            Fail(stream, "too many octets wait on streams", now);
        }
    }

    public void Ended(long number, string reason, Instant now)
    {
        if (_streams.TryGetValue(number, out var stream))
            Fail(stream, reason, now);
    }

    public void Advance(Instant now)
    {
        foreach (var stream in _streams.Values.Where(stream => stream.Deadline <= now).ToArray())
            Fail(stream, $"no answer within {context.Tuning.TcpTimeout.TotalSeconds} s", now);
    }

    private static Instant Later(Instant left, Instant right) => left > right ? left : right;

    private void Open(Stream stream)
    {
        _streams.Add(stream.Number, stream);
        context.Emit(new GossipOutput.OpenStream(stream.Number, stream.Peer));
    }

    private void Complete(Stream stream, GossipMessage message, Instant now)
    {
        switch (stream.Kind, message)
        {
            case (StreamKind.Accepted, GossipMessage.PushPull theirs):
                Write(stream, GossipStreamMessage.Encode(Picture(theirs.IsJoin)));
                Close(stream);
                Merge(stream, theirs, now);
                break;
            case (StreamKind.Accepted, GossipMessage.Ping ping):
                if (ping.Node.Length == 0 || ping.Node == context.Config.Name)
                    Write(stream, GossipCodec.Encode(new GossipMessage.Ack(ping.SequenceNumber, [])));
                Close(stream);
                break;
            case (StreamKind.Accepted, GossipMessage.User):
                Close(stream);
                break;
            case (StreamKind.PushPull, GossipMessage.PushPull theirs):
                Close(stream);
                End(stream, Merge(stream, theirs, now), now);
                break;
            case (StreamKind.PushPull, GossipMessage.Error error):
                Fail(stream, $"it says: {error.Text}", now);
                break;
            case (StreamKind.Ping, GossipMessage.Ack ack) when ack.SequenceNumber == stream.Ping!.SequenceNumber:
                stream.IsAnswered = true;
                break;
            default:
                Refuse(stream, $"a message of type {message.Type} has no meaning here", now);
                break;
        }
    }

    // Null, or why their picture is not taken over.
    private string? Merge(Stream stream, GossipMessage.PushPull theirs, Instant now)
    {
        if (GossipVersionCheck.Mismatch(context.Members.Order, theirs.States) is { } mismatch)
        {
            context.Report(GossipReport.VersionRefused, $"the picture of {stream.Peer} is not taken over: {mismatch}");
            return mismatch;
        }
        verdicts.Merge(theirs.States, now);
        return null;
    }

    private GossipMessage.PushPull Picture(bool isJoin) => new(
        isJoin,
        [.. context.Members.Order.Select(entry => new GossipMessage.NodeState(
            entry.State, entry.Statement with { Incarnation = entry.Incarnation }))],
        0);

    private void Refuse(Stream stream, string reason, Instant now)
    {
        context.Counts = context.Counts with { PartsRefused = context.Counts.PartsRefused + 1 };
        context.Report(GossipReport.StreamRefused, $"the stream with {stream.Peer} is refused: {reason}");
        if (stream.Kind == StreamKind.Accepted)
            Write(stream, GossipCodec.Encode(new GossipMessage.Error(reason)));
        Fail(stream, reason, now);
    }

    private void Fail(Stream stream, string reason, Instant now)
    {
        // A ping's stream that ended with its answer is kept until the probe asks.
        if (stream is { Kind: StreamKind.Ping, IsAnswered: true } && stream.Deadline > now)
            return;
        Close(stream);
        End(stream, reason, now);
    }

    private void End(Stream stream, string? failure, Instant now)
    {
        if (stream.Kind != StreamKind.PushPull)
            return;
        if (stream.IsJoin)
            JoinEnded?.Invoke(stream.Peer, failure, now);
        else if (failure is not null)
            context.Report(GossipReport.PushPullFailed, $"the exchange with {stream.Peer} failed: {failure}");
    }

    private void Write(Stream stream, byte[] message) => context.Emit(new GossipOutput.WriteStream(
        stream.Number, context.Tuning.EnableCompression ? GossipStreamMessage.Compress(message) : message));

    private void Close(Stream stream)
    {
        if (!_streams.Remove(stream.Number))
            return;
        _heldBytes -= stream.Message.HeldBytes;
        if (stream.Kind == StreamKind.Accepted)
            _accepted--;
        context.Emit(new GossipOutput.CloseStream(stream.Number));
    }

    private enum StreamKind : byte
    {
        Accepted,
        PushPull,
        Ping,
    }

    private sealed class Stream(long number, StreamKind kind, GossipAddress peer, Instant deadline)
    {
        public long Number { get; } = number;

        public StreamKind Kind { get; } = kind;

        public GossipAddress Peer { get; } = peer;

        public Instant Deadline { get; set; } = deadline;

        public GossipStreamMessage Message { get; } = new(GossipStreamMessage.DefaultMostBytes);

        public bool IsJoin { get; init; }

        public GossipMessage.Ping? Ping { get; init; }

        public bool IsOpen { get; set; }

        public bool IsAnswered { get; set; }
    }
}

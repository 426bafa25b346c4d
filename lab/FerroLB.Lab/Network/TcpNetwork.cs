using System;
using System.Collections.Generic;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>
/// TCP between the hosts of a segment, with what those who keep connections for weeks have to live with: a reader that does not read fills
/// its window and then the writer's buffer, so that a write stays unfinished; between two hosts everything may vanish while both believe in
/// their connection; the close of one connection may come after the opening of the next.
/// <para>
/// <see cref="Open"/> and <see cref="Write"/> queue packets at an end, of which one is under way at a time: it arrives in order and whole,
/// but octets are cut at random places. What does not get through is tried again after a wait that doubles, until the connection is given
/// up. Whoever lost carrier or is cut off on the segment is cut off here too. A host whose process died ends its connections; one that lost
/// its power says nothing, and answers with a reset when it is back.
/// </para>
/// </summary>
public sealed class TcpNetwork(VirtualWorld world, LanSegment segment) : IEventTarget
{
    private const int Arrives = 0;
    private const int SendAgain = 1;
    private const int TellWritten = 2;
    private const int TellUnread = 3;

    private const int SendBufferBytes = 2_048;
    private const int MostPacketBytes = 1_440;
    private const int MostTries = 14;
    private static readonly TimeSpan FirstWait = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan WindowProbe = TimeSpan.FromSeconds(1);

    private readonly SortedDictionary<IpAddress, Host> _hosts = [];
    private readonly SortedSet<(int, int)> _silent = [];
    private readonly SeededRandom _random = world.Random.Fork("tcp/" + segment.Name);

    /// <summary>How late a close may come at most, beyond its way; zero for not at all.</summary>
    public TimeSpan MostCloseDelay { get; set; }

    /// <summary>Connections opened so far, with or without success.</summary>
    public long Attempts { get; private set; }

    /// <summary>Puts a host on the wire, with all its addresses; nobody listens there yet.</summary>
    public void Add(LanPort port, params IReadOnlyList<IpAddress> addresses)
    {
        var host = new Host(port);
        foreach (var address in addresses)
            _hosts.Add(address, host);
    }

    /// <summary>A process begins to listen on a port of all addresses of a host, with so many octets for what it does not read.</summary>
    public void Listen(IpAddress address, int port, int windowBytes, ITcpProcess process)
    {
        var host = _hosts[address];
        (host.Process, host.ListeningOn, host.WindowBytes) = (process, port, windowBytes);
    }

    /// <summary>A host's process is gone. With the power gone too, nobody is told.</summary>
    public void Kill(IpAddress address, bool losesPower)
    {
        var host = _hosts[address];
        host.Process = null;
        foreach (var end in host.Ends)
        {
            Forget(end);
            if (!losesPower)
                Submit(end, new(_random.Chance(0.5) ? TcpPacketKind.End : TcpPacketKind.Reset, []));
        }
        host.Ends.Clear();
    }

    /// <summary>Lets everything vanish between two hosts, or no longer.</summary>
    public void SetSilent(IpAddress one, IpAddress other, bool silent)
    {
        var pair = PairOf(_hosts[one], _hosts[other]);
        if (silent)
            _silent.Add(pair);
        else
            _silent.Remove(pair);
    }

    /// <summary>Mends every way; what was lost is sent again in its own time.</summary>
    public void Heal()
    {
        _silent.Clear();
        MostCloseDelay = TimeSpan.Zero;
    }

    /// <summary>Begins to open a connection.</summary>
    public TcpEnd Open(IpAddress from, IpAddress to, int port, ITcpProcess process)
    {
        Attempts++;
        var end = new TcpEnd(from, to, process) { WindowBytes = ushort.MaxValue };
        _hosts[from].Ends.Add(end);
        Submit(end, new(TcpPacketKind.Open, [], port));
        return end;
    }

    /// <summary>Writes octets; <see cref="ITcpProcess.Written"/> follows when the kernel has taken them all.</summary>
    public void Write(TcpEnd end, ReadOnlySpan<byte> octets)
    {
        if (end.IsOver)
            return;
        end.OwesWritten = true;
        while (!octets.IsEmpty)
        {
            var most = Math.Min(octets.Length, MostPacketBytes);
            var count = _random.Chance(0.3) ? 1 + _random.Next(most) : most;
            end.UnsentBytes += count;
            Submit(end, new(TcpPacketKind.Octets, octets[..count].ToArray()));
            octets = octets[count..];
        }
        SettleWrites(end);
    }

    /// <summary>Ends a connection after what was written; what still comes is thrown away.</summary>
    public void Close(TcpEnd end) => Finish(end, TcpPacketKind.End);

    /// <summary>Breaks a connection off.</summary>
    public void Reset(TcpEnd end)
    {
        end.Unsent.Clear();
        Finish(end, TcpPacketKind.Reset);
    }

    /// <summary>The process stops reading, or reads again what its window holds.</summary>
    public void SetReading(TcpEnd end, bool reads)
    {
        end.IsReading = reads;
        if (reads)
            world.After(TimeSpan.Zero, this, TellUnread, end);
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        var end = (TcpEnd)payload!;
        switch (code)
        {
            case Arrives when IsOpen(end):
                Arrive(end);
                break;
            case Arrives:
                Wait(end);
                break;
            case SendAgain:
                Try(end);
                break;
            case TellWritten:
                if (!end.IsOver)
                    end.Owner.Written(end);
                break;
            case TellUnread:
                Deliver(end);
                break;
        }
    }

    private static (int, int) PairOf(Host one, Host other) =>
        (Math.Min(one.Port.Index, other.Port.Index), Math.Max(one.Port.Index, other.Port.Index));

    private bool IsOpen(TcpEnd end) => _hosts.TryGetValue(end.Remote, out var to) && segment.IsOpen(_hosts[end.Local].Port, to.Port) &&
        !_silent.Contains(PairOf(_hosts[end.Local], to));

    private static void Forget(TcpEnd end)
    {
        end.IsOver = true;
        end.Unsent.Clear();
        end.Unread.Clear();
        end.IsReading = true;
    }

    private void Finish(TcpEnd end, TcpPacketKind kind)
    {
        if (end.IsOver)
            return;
        end.IsOver = true;
        _hosts[end.Local].Ends.Remove(end);
        end.Unread.Clear();
        if (end.Peer is null)
            end.Unsent.Clear();
        else
            Submit(end, new(kind, []));
    }

    private void Submit(TcpEnd end, TcpPacket packet)
    {
        end.Unsent.Enqueue(packet);
        if (!end.IsSending)
            Try(end);
    }

    private void Try(TcpEnd end)
    {
        end.IsSending = end.Unsent.TryPeek(out var next);
        if (!end.IsSending)
            return;
        if (!IsOpen(end) || segment.Draw(_hosts[end.Local].Port, _hosts[end.Remote].Port, out var delay, out _) == 0)
        {
            Wait(end);
            return;
        }
        if (next!.Kind is TcpPacketKind.End or TcpPacketKind.Reset && MostCloseDelay > TimeSpan.Zero)
            delay += _random.Between(TimeSpan.Zero, MostCloseDelay);
        world.After(delay, this, Arrives, end);
    }

    private void Wait(TcpEnd end)
    {
        if (++end.Tries < MostTries)
        {
            var wait = FirstWait * (1 << Math.Min(end.Tries - 1, 10));
            world.After(wait < LongestWait ? wait : LongestWait, this, SendAgain, end);
            return;
        }
        end.Unsent.Clear();
        end.IsSending = false;
        Tell(end, TcpEnding.TimedOut);
    }

    private void Arrive(TcpEnd sender)
    {
        sender.Tries = 0;
        if (sender.Unsent.TryPeek(out var packet))
        {
            if (packet.Kind == TcpPacketKind.Octets && sender.Peer is { IsOver: false, IsReading: false } full &&
                full.UnreadBytes + packet.Octets.Length > full.WindowBytes)
            {
                world.After(WindowProbe, this, SendAgain, sender);
                return;
            }
            sender.Unsent.Dequeue();
            sender.UnsentBytes -= packet.Octets.Length;
            SettleWrites(sender);
            Take(sender, packet);
        }
        Try(sender);
    }

    private void SettleWrites(TcpEnd end)
    {
        if (!end.OwesWritten || end.UnsentBytes > SendBufferBytes || end.IsOver)
            return;
        end.OwesWritten = false;
        world.After(TimeSpan.Zero, this, TellWritten, end);
    }

    private void Take(TcpEnd sender, TcpPacket packet)
    {
        if (packet.Kind == TcpPacketKind.Open)
        {
            Answer(sender, packet.Port);
            return;
        }
        if (sender.Peer is not { } receiver)
            return;
        if (receiver.IsOver)
        {
            if (packet.Kind is TcpPacketKind.Octets or TcpPacketKind.OpenedToo)
                Submit(receiver, new(TcpPacketKind.Reset, []));
            return;
        }
        switch (packet.Kind)
        {
            case TcpPacketKind.OpenedToo:
                receiver.Owner.Opened(receiver);
                break;
            case TcpPacketKind.Octets:
                receiver.Unread.Enqueue(packet.Octets);
                receiver.UnreadBytes += packet.Octets.Length;
                Deliver(receiver);
                break;
            case TcpPacketKind.End:
                // What was not read yet comes before the end, for whoever reads.
                if (receiver.IsReading)
                    Tell(receiver, TcpEnding.Closed);
                else
                    receiver.Unread.Enqueue([]);
                break;
            default:
                Tell(receiver, packet.Kind == TcpPacketKind.Refusal ? TcpEnding.Refused : TcpEnding.Reset);
                break;
        }
    }

    private void Answer(TcpEnd opener, int port)
    {
        var host = _hosts[opener.Remote];
        var process = host.ListeningOn == port ? host.Process : null;
        var accepted = new TcpEnd(opener.Remote, opener.Local, process ?? opener.Owner)
        {
            Peer = opener, IsOver = process is null, WindowBytes = host.WindowBytes,
        };
        opener.Peer = accepted;
        if (process is null)
        {
            Submit(accepted, new(TcpPacketKind.Refusal, []));
            return;
        }
        host.Ends.Add(accepted);
        Submit(accepted, new(TcpPacketKind.OpenedToo, []));
        if (!opener.IsOver)
            process.Accepted(accepted);
    }

    private void Deliver(TcpEnd end)
    {
        while (end is { IsReading: true, IsOver: false } && end.Unread.TryDequeue(out var octets))
        {
            end.UnreadBytes -= octets.Length;
            if (octets.Length == 0)
                Tell(end, TcpEnding.Closed);
            else
                end.Owner.Received(end, octets);
        }
    }

    private void Tell(TcpEnd end, TcpEnding how)
    {
        if (end.IsOver)
            return;
        Forget(end);
        _hosts[end.Local].Ends.Remove(end);
        end.Owner.Ended(end, how);
    }

    private sealed class Host(LanPort port)
    {
        public LanPort Port => port;

        public ITcpProcess? Process { get; set; }

        public int ListeningOn { get; set; }

        public int WindowBytes { get; set; }

        public List<TcpEnd> Ends { get; } = [];
    }
}

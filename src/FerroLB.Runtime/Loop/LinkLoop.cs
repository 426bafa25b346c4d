using System;
using System.Collections.Generic;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Loop;

/// <summary>
/// Runs the link half of a speaker on a thread of its own, so that no large reconcile can delay an answer on the wire.
/// <code>
/// packet sockets --frames, in batches--\
/// netlink --links changed---------------> Handle --> frames, in batches --> one sending socket
/// UDP sockets --heartbeats, verified-----\       |--> heartbeats, signed --> the same UDP sockets
/// control loop --Command--(eventfd)----/         \-> filters of packet sockets; reports to the control loop; log; metrics
/// </code>
/// The thread waits in ppoll for any of them or for the machine's next deadline and reads the clock once per wake-up. Frames go from the
/// kernel to the machine and back in memory that is allocated once; nothing is allocated per frame. The loop never waits for anybody:
/// reports replace each other, log lines are dropped when their writer is behind, and frames that the kernel refuses are lost as on any
/// wire.
/// </summary>
public sealed unsafe class LinkLoop : IDisposable
{
    private const int CommandCapacity = 16 * 1024;
    private const int MostCommandsPerWakeUp = 256;
    private const int FixedSlots = 2;
    private const int MostHeartbeatBatches = 32;
    private static readonly TimeSpan PatienceForNextFrame = TimeSpan.FromMicroseconds(50);
    private static readonly TimeSpan LongestFollowing = TimeSpan.FromMilliseconds(1);

    private readonly IMachine<LinkInput, LinkOutput> _machine;
    private readonly Action<LinkReport> _report;
    private readonly Action<LogEvent> _writeLog;
    private readonly Action<MetricChange> _changeMetric;
    private readonly LinkCommandQueue _commands = new(CommandCapacity);
    private readonly WakeEvent _wake = new();
    private readonly RouteSocket _routes = new();
    private readonly FrameSender _sender = new();
    private readonly FrameReceiver _receiver = new();
    private readonly GroupMembership _groups = new();
    private readonly FollowChoice _follow = new();
    private readonly List<PacketSocket> _sockets = [];
    private readonly List<HeartbeatSocket> _heartbeats = [];
    private readonly LoopThread _thread = new("link", isUrgent: true);
    private PollSlot[] _slots = [];
    private PacketSocket[] _polled = [];
    private bool _socketsChanged = true;
    private volatile bool _isStopping;

    /// <summary>Opens the sockets that are always there; <see cref="Start"/> starts the thread.</summary>
    /// <param name="machine">The machine. The loop alone calls it from now on.</param>
    /// <param name="report">Takes a report for the control loop; must not wait.</param>
    /// <param name="writeLog">Takes a log line; must not wait.</param>
    /// <param name="changeMetric">Takes a metric change; must not wait.</param>
    /// <param name="heartbeats">How heartbeats are sent and heard; null for not at all.</param>
    /// <exception cref="LinuxException">No permission for packet sockets, or the port of the heartbeats is taken.</exception>
    public LinkLoop(
        IMachine<LinkInput, LinkOutput> machine,
        Action<LinkReport> report,
        Action<LogEvent> writeLog,
        Action<MetricChange> changeMetric,
        LinkHeartbeatOptions? heartbeats = null)
    {
        if (heartbeats is not null)
            OpenHeartbeats(heartbeats);
        _machine = machine;
        _report = report;
        _writeLog = writeLog;
        _changeMetric = changeMetric;
    }

    /// <summary>Completes when the loop has ended.</summary>
    public Task<LoopEnd> Completion => _thread.Completion;

    /// <summary>Whether this process may hear and send frames at all: whether it has the capability NET_RAW.</summary>
    public static bool IsPermitted() => PacketSocket.IsPermitted();

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start(Run);

    /// <summary>Hands a command to the machine. Waits when very many Services have commands that were not taken yet.</summary>
    public void Command(LinkCommand command)
    {
        if (_commands.Put(command))
            _wake.Raise();
    }

    /// <summary>Asks the loop to end; <see cref="Completion"/> tells when it did.</summary>
    public void Stop()
    {
        _isStopping = true;
        _wake.Raise();
    }

    /// <summary>Closes the sockets; the loop must have ended.</summary>
    public void Dispose()
    {
        foreach (var socket in _sockets)
            socket.Dispose();
        foreach (var socket in _heartbeats)
            socket.Dispose();
        _groups.Dispose();
        _sender.Dispose();
        _routes.Dispose();
        _wake.Dispose();
    }

    private void Run()
    {
        try
        {
            while (!_isStopping)
                Step();
        }
        finally
        {
            _commands.Close();
        }
    }

    private void Step()
    {
        Wait();
        var now = MonotonicClock.Now;
        if (_slots[0].Returned != 0)
            TakeCommands(now);
        if (_slots[1].Returned != 0 && _routes.TryReadChange(out var links))
            Handle(LinkInput.LinksChanged(links), now);
        for (var i = 0; i < _heartbeats.Count; i++)
        {
            if (_slots[i + FixedSlots].Returned != 0)
                TakeHeartbeats(_heartbeats[i], now);
        }
        PacketSocket? busy = null;
        for (var i = 0; i < _polled.Length; i++)
        {
            if (_slots[i + FixedSlots + _heartbeats.Count].Returned != 0 && TakeFrames(_polled[i], now))
                busy = _polled[i];
        }
        if (_machine.NextDeadline <= now)
        {
            _machine.Advance(now);
            Drain();
        }
        _sender.Flush();
        if (busy is not null && _follow.Begins())
            _follow.End(FollowTraffic(busy, now));
    }

    /// <summary>
    /// Where one frame came, the next often follows within microseconds, and being woken for it costs both sides more than answering does.
    /// So the loop looks again for a moment before it sleeps; without traffic it never does. False if nothing came.
    /// </summary>
    private bool FollowTraffic(PacketSocket busy, Instant now)
    {
        var end = now + LongestFollowing;
        var quietAt = now + PatienceForNextFrame;
        var hasCome = false;
        while (now < quietAt && now < end && !(_machine.NextDeadline <= now))
        {
            now = MonotonicClock.Now;
            if (!TakeFrames(busy, now))
                continue;
            _sender.Flush();
            hasCome = true;
            quietAt = now + PatienceForNextFrame;
        }
        return hasCome;
    }

    private void Wait()
    {
        if (_socketsChanged)
            ListSockets();
        var time = default(TimeSpec);
        if (_machine.NextDeadline is { } deadline)
        {
            var ticks = Math.Max(0, (deadline - MonotonicClock.Now).Ticks);
            time = new() { Seconds = ticks / TimeSpan.TicksPerSecond, Nanoseconds = ticks % TimeSpan.TicksPerSecond * 100 };
        }
        fixed (PollSlot* slots = _slots)
        {
            var count = Libc.Poll(slots, (ulong)_slots.Length, _machine.NextDeadline is null ? null : &time, null);
            if (count < 0 && Marshal.GetLastPInvokeError() is not (Libc.ErrorInterrupted or Libc.ErrorAgain))
                throw LinuxException.FromLastError("wait for frames");
            for (var i = 0; count < 0 && i < _slots.Length; i++)
                _slots[i].Returned = 0;
        }
    }

    private void ListSockets()
    {
        _socketsChanged = false;
        _polled = [.. _sockets];
        _slots = new PollSlot[FixedSlots + _heartbeats.Count + _polled.Length];
        _slots[0] = new() { Descriptor = _wake.Descriptor, Events = Libc.PollIn };
        _slots[1] = new() { Descriptor = _routes.Descriptor, Events = Libc.PollIn };
        for (var i = 0; i < _heartbeats.Count; i++)
            _slots[i + FixedSlots] = new() { Descriptor = _heartbeats[i].Descriptor, Events = Libc.PollIn };
        for (var i = 0; i < _polled.Length; i++)
            _slots[i + FixedSlots + _heartbeats.Count] = new() { Descriptor = _polled[i].Descriptor, Events = Libc.PollIn };
    }

    private void TakeCommands(Instant now)
    {
        _wake.Lower();
        for (var i = 0; _commands.TryTake(out var command); i++)
        {
            // Drained once for all, because each order of a filter makes the one before it superfluous.
            _machine.Handle(LinkInput.CommandReceived(command!), now);
            if (i < MostCommandsPerWakeUp)
                continue;
            _wake.Raise();
            break;
        }
        Drain();
    }

    // All that wait, so that nobody is judged by what was not yet read.
    private void TakeHeartbeats(HeartbeatSocket socket, Instant now)
    {
        var count = HeartbeatSocket.Capacity;
        for (var batch = 0; batch < MostHeartbeatBatches && count == HeartbeatSocket.Capacity; batch++)
        {
            count = socket.Receive();
            for (var i = 0; i < count; i++)
            {
                var refusal = socket.Open(i, out var linkIndex, out var heartbeat);
                Handle(
                    refusal == HeartbeatRefusal.None
                        ? LinkInput.HeartbeatReceived(linkIndex, heartbeat)
                        : LinkInput.HeartbeatRefused(refusal),
                    now);
            }
        }
    }

    private bool TakeFrames(PacketSocket socket, Instant now)
    {
        if (socket.Descriptor < 0)
            return false;
        var count = _receiver.Receive(socket.Descriptor);
        // Drained once for all, as commands are. The machine has room for the answers to a batch.
        for (var i = 0; i < count; i++)
            _machine.Handle(LinkInput.FrameReceived(socket.LinkIndex, _receiver[i]), now);
        if (count > 0)
            Drain();
        return count > 0;
    }

    private void Handle(in LinkInput input, Instant now)
    {
        _machine.Handle(input, now);
        Drain();
    }

    private void Drain()
    {
        while (_machine.TryTake(out var output))
            Execute(output);
    }

    private void Execute(in LinkOutput output)
    {
        switch (output.Kind)
        {
            case LinkOutputKind.SendFrame:
                _sender.Add(output.LinkIndex, output.Frame.Span);
                break;
            case LinkOutputKind.SetArpFilter:
                SetFilter(output.LinkIndex, AddressFamily.IPv4, output.Addresses);
                break;
            case LinkOutputKind.SetNdpFilter:
                SetFilter(output.LinkIndex, AddressFamily.IPv6, output.Addresses);
                break;
            case LinkOutputKind.JoinGroup:
                JoinGroup(output.LinkIndex, output.Group);
                break;
            case LinkOutputKind.LeaveGroup:
                _groups.Leave(output.LinkIndex, output.Group);
                break;
            case LinkOutputKind.HearHeartbeats:
            case LinkOutputKind.IgnoreHeartbeats:
                HearHeartbeats(output.LinkIndex, output.Group, output.Kind == LinkOutputKind.HearHeartbeats);
                break;
            case LinkOutputKind.SendHeartbeat:
                HeartbeatSocketOf(output.Group)?.Send(output.LinkIndex, output.Group, output.Frame.Span);
                break;
            case LinkOutputKind.Report:
                _report(output.Report!);
                break;
            case LinkOutputKind.WriteLog:
                _writeLog(output.Log!);
                break;
            case LinkOutputKind.ChangeMetric:
                _changeMetric(output.Metric!);
                break;
        }
    }

    private void SetFilter(int linkIndex, AddressFamily family, IReadOnlyList<IpAddress>? addresses)
    {
        var socket = _sockets.Find(s => s.LinkIndex == linkIndex && s.Family == family);
        try
        {
            if (addresses is null)
                Close(socket);
            else if (socket is null)
                Open(linkIndex, family, addresses);
            else
                socket.SetFilter(addresses);
        }
        catch (LinuxException e)
        {
            Warn("cannot listen on interface", linkIndex, e);
        }
    }

    private void OpenHeartbeats(LinkHeartbeatOptions options)
    {
        _heartbeats.Add(new(AddressFamily.IPv4, options.Port, options.Seal));
        try
        {
            _heartbeats.Add(new(AddressFamily.IPv6, options.Port, options.Seal));
        }
        catch (LinuxException e) when (e.ErrorNumber == Libc.ErrorFamilyNotSupported)
        {
            // A kernel without IPv6: then no interface has a link-local address either.
        }
    }

    private HeartbeatSocket? HeartbeatSocketOf(IpAddress group) => _heartbeats.Find(socket => socket.Family == group.Family);

    private void HearHeartbeats(int linkIndex, IpAddress group, bool hears)
    {
        try
        {
            HeartbeatSocketOf(group)?.ChangeMembership(linkIndex, group, hears);
        }
        catch (LinuxException e)
        {
            Warn("cannot hear heartbeats", linkIndex, e);
        }
    }

    private void JoinGroup(int linkIndex, IpAddress group)
    {
        try
        {
            _groups.Join(linkIndex, group);
        }
        catch (LinuxException e)
        {
            Warn("cannot join a multicast group", linkIndex, e);
        }
    }

    // An interface may vanish before netlink tells: then the machine closes it soon. Anything else the operator must see.
    private void Warn(string text, int linkIndex, LinuxException problem)
    {
        var index = new LogField("index", linkIndex.ToString(CultureInfo.InvariantCulture));
        _writeLog(new(LogLevel.Warn, text, index, new LogField("error", problem.Message)));
    }

    private void Open(int linkIndex, AddressFamily family, IReadOnlyList<IpAddress> addresses)
    {
        _sockets.Add(PacketSocket.Open(linkIndex, family, addresses));
        _socketsChanged = true;
    }

    private void Close(PacketSocket? socket)
    {
        if (socket is null)
            return;
        socket.Dispose();
        _sockets.Remove(socket);
        _socketsChanged = true;
    }
}

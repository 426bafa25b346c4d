using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>
/// A router that speakers hold sessions with: a passive BGP speaker of the simplest kind, written from the RFCs without a look at the
/// product, and a table of what each node told it. Where several nodes told it the same prefix it spreads the traffic over them.
/// <para>
/// <see cref="Accepted"/> is the beginning of a session; octets become messages (<see cref="RouterSession"/>), those become routes
/// (<see cref="MessageReading"/>), and any message that a good speaker does not send is a violation. The end of a session takes its routes
/// along, unless they are kept for a speaker that restarts. While a fault lasts (<see cref="Begin"/>) the router does what no router
/// should; it then knows how that has to be answered, and any other answer is a violation too.
/// </para>
/// </summary>
public sealed class ModelRouter : ITcpProcess, IFrameReceiver, IEventTarget
{
    private const int Tick = 0;
    private const int Misbehave = 1;
    private const int StaleOver = 2;

    private readonly VirtualWorld _world;
    private readonly TcpNetwork _network;
    private readonly SeededRandom _random;
    private readonly LanPort _port;
    private readonly SortedDictionary<IpAddress, RouterSession> _sessions = [];
    private readonly SortedDictionary<(IpPrefix Prefix, IpAddress Node), RouterRoute> _routes = [];
    private readonly SortedDictionary<IpAddress, long> _staleSince = [];
    private RouterFault? _fault;
    private IpAddress? _silentNode;
    private bool _isDown;
    private long _faults;

    /// <summary>Puts a router on a segment; it listens at once.</summary>
    public ModelRouter(VirtualWorld world, LanSegment segment, TcpNetwork network, RouterPlan plan)
    {
        (_world, _network, Plan) = (world, network, plan);
        _random = world.Random.Fork(plan.Name);
        _port = segment.Connect(plan.Name, new MacAddress(0x02_DD_00_00_00_00UL + (ulong)plan.Number), this);
        network.Add(_port, plan.AddressV4, plan.AddressV6);
        Listen();
    }

    /// <summary>What it is.</summary>
    public RouterPlan Plan { get; }

    /// <summary>Sessions that were established so far.</summary>
    public long SessionsEstablished { get; private set; }

    /// <summary>Established sessions that ended, for whatever reason.</summary>
    public long SessionsEnded { get; private set; }

    /// <summary>UPDATEs heard.</summary>
    public long Updates { get; private set; }

    /// <summary>Wrong messages of its own that were answered as they have to be.</summary>
    public long AnsweredFaults { get; private set; }

    /// <summary>How often each fault began.</summary>
    public SortedDictionary<RouterFault, int> FaultCounts { get; } = [];

    /// <summary>Whether something is wrong with it at present.</summary>
    public bool IsFaulty => _fault is not null;

    /// <summary>The nodes that it has an established session with, by address.</summary>
    public IEnumerable<IpAddress> Neighbours =>
        _sessions.Where(item => item.Value.State == RouterSessionState.Established).Select(item => item.Key);

    /// <summary>What a node told it, and it still believes.</summary>
    public IEnumerable<RouterRoute> RoutesOf(IpAddress node) =>
        _routes.Where(item => item.Key.Node == node).Select(item => item.Value);

    /// <summary>All it knows: the nodes that a prefix is behind.</summary>
    public IEnumerable<(IpPrefix Prefix, IpAddress Node, RouterRoute Route)> Routes =>
        _routes.Select(item => (item.Key.Prefix, item.Key.Node, item.Value));

    /// <summary>Something begins to be wrong.</summary>
    /// <param name="fault">What.</param>
    /// <param name="node">The node's address that it concerns, where it concerns one.</param>
    public void Begin(RouterFault fault, IpAddress node)
    {
        End();
        _world.Trace.Line(_world.Now, Plan.Name, "begins", fault);
        _fault = fault;
        FaultCounts[fault] = FaultCounts.GetValueOrDefault(fault) + 1;
        _faults++;
        switch (fault)
        {
            case RouterFault.Restart or RouterFault.PowerLoss:
                GoDown(fault == RouterFault.PowerLoss);
                break;
            case RouterFault.Silence:
                _silentNode = node;
                _network.SetSilent(Plan.AddressV4, node, true);
                break;
            case RouterFault.SlowReader:
                foreach (var session in _sessions.Values)
                    _network.SetReading(session.End, false);
                break;
            case RouterFault.Storm or RouterFault.Garbage or RouterFault.WrongMessage or RouterFault.Flood:
                _world.After(TimeSpan.Zero, this, Misbehave, _faults);
                break;
        }
    }

    /// <summary>It is a good router again.</summary>
    public void End()
    {
        if (_fault is null)
            return;
        _world.Trace.Line(_world.Now, Plan.Name, "is well again");
        _fault = null;
        _faults++;
        if (_isDown)
            Listen();
        if (_silentNode is { } node)
            _network.SetSilent(Plan.AddressV4, node, false);
        _silentNode = null;
        foreach (var session in _sessions.Values.ToList())
        {
            _network.SetReading(session.End, true);
            if (!session.HasGreeted)
                Greet(session);
            else if (session.State != RouterSessionState.OpenSent && session.Due is null)
                Send(session, RouterMessages.KeepAlive());
        }
    }

    /// <summary>Routers do not take part in layer 2.</summary>
    public void Receive(LanPort port, byte[] frame)
    {
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        switch (code)
        {
            case Tick:
                var (session, beat) = ((RouterSession, long))payload!;
                if (IsCurrent(session) && session.Beat == beat)
                    KeepAlive(session);
                break;
            case Misbehave when (long)payload! == _faults:
                ActWrongly();
                _world.After(
                    _random.Between(TimeSpan.FromMilliseconds(20), TimeSpan.FromSeconds(_fault == RouterFault.Flood ? 1 : 3)), this,
                    Misbehave, _faults);
                break;
            case StaleOver:
                var (node, since) = ((IpAddress, long))payload!;
                if (_staleSince.GetValueOrDefault(node, -1) == since)
                    Forget(node, route => route.IsStale);
                break;
        }
    }

    /// <inheritdoc/>
    public void Opened(TcpEnd end) => throw new InvalidOperationException("routers open no connections");

    /// <inheritdoc/>
    public void Accepted(TcpEnd end)
    {
        if (_sessions.TryGetValue(end.Remote, out var earlier))
        {
            if (earlier.State == RouterSessionState.Established && !Plan.PrefersNew)
            {
                // The one that the speaker has forgotten is answered by a reset, long before the hold time is over.
                Send(earlier, RouterMessages.KeepAlive());
                _network.Write(end, RouterMessages.Notification(6, 7));
                _network.Close(end);
                return;
            }
            // A speaker that was restarted is no reason to forget what it said (RFC 4724 section 4.2).
            Close(earlier, Plan.KeepsRoutes ? null : RouterMessages.Notification(6, 7));
        }
        var session = new RouterSession(end) { HeardAt = _world.Now, Hold = TimeSpan.FromSeconds(60) };
        end.Tag = _sessions[end.Remote] = session;
        _network.SetReading(end, _fault != RouterFault.SlowReader);
        if (_fault == RouterFault.WrongOpen)
            SendWrongly(session, RouterMessages.WrongOpen(Plan, _random));
        else if (_fault != RouterFault.Dumb)
            Greet(session);
        Arm(session);
    }

    /// <inheritdoc/>
    public void Received(TcpEnd end, byte[] octets)
    {
        if (end.Tag is not RouterSession session || !IsCurrent(session))
            return;
        session.Append(octets);
        string? fault = null;
        while (IsCurrent(session) && session.Take(out fault) is { } message)
            Take(session, message);
        if (fault is not null)
            _world.Report("wire", $"{Plan.Name} got {fault} from {session.Node}");
    }

    /// <inheritdoc/>
    public void Written(TcpEnd end)
    {
    }

    /// <inheritdoc/>
    public void Ended(TcpEnd end, TcpEnding how)
    {
        if (end.Tag is RouterSession session && IsCurrent(session))
            Drop(session, keepsRoutes: true);
    }

    private bool IsCurrent(RouterSession session) => _sessions.TryGetValue(session.Node, out var current) && current == session;

    private void Listen()
    {
        _isDown = false;
        _port.HasCarrier = true;
        _network.Listen(Plan.AddressV4, Plan.Port, Plan.WindowBytes, this);
    }

    private void GoDown(bool losesPower)
    {
        _isDown = true;
        _network.Kill(Plan.AddressV4, losesPower);
        _port.HasCarrier = !losesPower;
        SessionsEnded += Neighbours.Count();
        _sessions.Clear();
        _routes.Clear();
    }

    private void Greet(RouterSession session)
    {
        session.HasGreeted = true;
        Send(session, RouterMessages.Open(Plan, Plan.Asn));
        if (session.State != RouterSessionState.OpenSent)
            Send(session, RouterMessages.KeepAlive());
    }

    private void Send(RouterSession session, byte[] octets)
    {
        if (_fault != RouterFault.Dumb)
            _network.Write(session.End, octets);
    }

    private void SendWrongly(RouterSession session, (byte[] Octets, byte Code, byte Subcode) wrong)
    {
        if (session.Due is not null)
            return;
        session.Due = (wrong.Code, wrong.Subcode);
        session.HasGreeted = true;
        _network.Write(session.End, wrong.Octets);
    }

    private void KeepAlive(RouterSession session)
    {
        if (_world.Now - session.HeardAt >= session.Hold)
        {
            Close(session, RouterMessages.Notification(4, 0));
            return;
        }
        if (session.State != RouterSessionState.OpenSent && session.HasGreeted && session.Due is null)
            Send(session, RouterMessages.KeepAlive());
        Arm(session);
    }

    private void Arm(RouterSession session)
    {
        session.Beat++;
        if (session.Hold > TimeSpan.Zero)
            _world.After(session.Hold / 3, this, Tick, (session, session.Beat));
    }

    private void Take(RouterSession session, byte[] message)
    {
        session.HeardAt = _world.Now;
        var body = message.AsSpan(19);
        switch ((message[18], session.State))
        {
            case (1, RouterSessionState.OpenSent):
                TakeOpen(session, body);
                break;
            case (4, RouterSessionState.OpenConfirm) when body.IsEmpty:
                Establish(session);
                break;
            case (4, RouterSessionState.Established) when body.IsEmpty:
                break;
            case (2, RouterSessionState.Established):
                TakeUpdate(session, body);
                break;
            case (3, _) when body.Length >= 2:
                TakeNotification(session, body[0], body[1]);
                break;
            case (5, RouterSessionState.Established) when session.Open!.EnhancedRefresh && Plan.IsModern && body is [_, _, 1 or 2, 1]:
                break;
            default:
                _world.Report("wire", $"{Plan.Name} got a message of type {message[18]} from {session.Node} in {session.State}");
                break;
        }
    }

    private void TakeOpen(RouterSession session, ReadOnlySpan<byte> body)
    {
        if (MessageReading.Open(body, out var fault) is not { } open)
        {
            _world.Report("wire", $"{Plan.Name} got {fault} from {session.Node}");
            return;
        }
        open.FourOctetAs &= Plan.FourOctetAs;
        open.ExtendedMessages &= Plan.IsModern;
        session.Open = open;
        session.State = RouterSessionState.OpenConfirm;
        session.Hold = TimeSpan.FromSeconds(Math.Min(open.HoldSeconds, Plan.HoldSeconds));
        if (session.HasGreeted && session.Due is null)
            Send(session, RouterMessages.KeepAlive());
        Arm(session);
    }

    private void Establish(RouterSession session)
    {
        session.State = RouterSessionState.Established;
        SessionsEstablished++;
        _world.Trace.Line(_world.Now, Plan.Name, "has a session with", session.Node);
        _staleSince.Remove(session.Node);
        var keeps = session.Open!.RestartSeconds is not null;
        Forget(session.Node, route => route.IsStale && !(keeps && session.Open.Kept(route.Prefix.Family == AddressFamily.IPv4)));
    }

    private void TakeUpdate(RouterSession session, ReadOnlySpan<byte> body)
    {
        Updates++;
        var isInternal = session.Open!.Asn == Plan.Asn;
        if (MessageReading.Update(body, isInternal, session.Open.FourOctetAs, out var fault) is not { } update)
        {
            _world.Report("wire", $"{Plan.Name} got {fault} from {session.Node}: {Convert.ToHexString(body)}");
            return;
        }
        _world.Trace.Line(_world.Now, Plan.Name, $"hears from {session.Node}", update);
        foreach (var prefix in update.Withdrawn)
            _routes.Remove((prefix, session.Node));
        foreach (var prefix in update.Announced)
            _routes[(prefix, session.Node)] = new(prefix, update.Words);
        if (update.EndOfIPv4 is { } isIPv4)
            Forget(session.Node, route => route.IsStale && route.Prefix.Family == (isIPv4 ? AddressFamily.IPv4 : AddressFamily.IPv6));
    }

    private void TakeNotification(RouterSession session, byte code, byte subcode)
    {
        if (session.Due is { } due && due.Code == code && (due.Subcode == subcode || due.Subcode == RouterMessages.AnySubcode))
            AnsweredFaults++;
        else if (code is not (4 or 6 or 8))
        {
            var deed = session.Due is { } wanted ? $"expected {wanted.Code}/{wanted.Subcode}" : "did nothing wrong";
            _world.Report("wire", $"{Plan.Name} {deed} and was told {code}/{subcode} by {session.Node}");
        }
        Drop(session, keepsRoutes: false);
        _network.Close(session.End);
    }

    private void Close(RouterSession session, byte[]? farewell)
    {
        if (farewell is not null && _fault != RouterFault.Dumb)
            _network.Write(session.End, farewell);
        Drop(session, keepsRoutes: farewell is null);
        _network.Close(session.End);
    }

    private void Drop(RouterSession session, bool keepsRoutes)
    {
        _sessions.Remove(session.Node);
        if (session.State != RouterSessionState.Established)
            return;
        SessionsEnded++;
        _world.Trace.Line(_world.Now, Plan.Name, "has no session any more with", session.Node);
        if (!keepsRoutes || !Plan.KeepsRoutes || session.Open!.RestartSeconds is not { } seconds)
        {
            Forget(session.Node, _ => true);
            return;
        }
        foreach (var route in RoutesOf(session.Node))
            route.IsStale = true;
        _staleSince[session.Node] = _world.EventCount;
        _world.After(TimeSpan.FromSeconds(seconds), this, StaleOver, (session.Node, _world.EventCount));
    }

    private void Forget(IpAddress node, Predicate<RouterRoute> condition)
    {
        foreach (var key in _routes.Where(item => item.Key.Node == node && condition(item.Value)).Select(item => item.Key).ToList())
            _routes.Remove(key);
    }

    private void ActWrongly()
    {
        if (_sessions.Count == 0)
            return;
        var session = _sessions.Values.ElementAt(_random.Next(_sessions.Count));
        switch (_fault)
        {
            case RouterFault.Storm:
                EndSuddenly(session);
                break;
            case RouterFault.Garbage:
                SendWrongly(session, RouterMessages.Garbage(_random));
                break;
            case RouterFault.WrongMessage when session.State == RouterSessionState.Established:
                SendWrongly(session, RouterMessages.WrongMessage(Plan, _random));
                break;
            case RouterFault.Flood when session.State == RouterSessionState.Established:
                Flood(session);
                break;
        }
    }

    private void EndSuddenly(RouterSession session)
    {
        switch (_random.Next(4))
        {
            case 0:
                Drop(session, keepsRoutes: true);
                _network.Reset(session.End);
                break;
            case 1:
                Close(session, null);
                break;
            case 2:
                Close(session, RouterMessages.Notification(6, (byte)(1 + _random.Next(9))));
                break;
            default:
                Close(session, RouterMessages.Notification((byte)(1 + _random.Next(6)), (byte)_random.Next(5)));
                break;
        }
    }

    private void Flood(RouterSession session)
    {
        if (_random.Chance(0.5) && session.Open!.RouteRefresh && Plan.IsModern)
            Send(session, RouterMessages.Refresh(_random.Chance(0.5)));
        else
            Send(session, RouterMessages.Routes(Plan, session.Open!.Asn == Plan.Asn, session.Open.FourOctetAs, _random));
    }
}

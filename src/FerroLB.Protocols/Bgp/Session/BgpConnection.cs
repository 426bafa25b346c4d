using System;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>One of the at most two connections with a peer: what was said on it and which of its timers run.</summary>
internal sealed class BgpConnection(long stream, bool isIncoming, IpAddress local, BgpOpen offered)
{
    /// <summary>How long an OPEN is waited for; RFC 4271 says only that it be long.</summary>
    private static readonly TimeSpan OpenPatience = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan LeastSendHold = TimeSpan.FromMinutes(8);

    private TimeSpan _hold = OpenPatience;
    private TimeSpan _keepAlive;

    public long Stream { get; } = stream;

    public bool IsIncoming { get; } = isIncoming;

    public IpAddress Local { get; } = local;

    /// <summary>Our OPEN.</summary>
    public BgpOpen Offered { get; } = offered;

    public BgpFramer Framer { get; } = new();

    public BgpWriteQueue Queue { get; } = new();

    public BgpSessionState State { get; private set; } = BgpSessionState.OpenSent;

    /// <summary>The peer's OPEN, from OpenConfirm on.</summary>
    public BgpOpen? PeerOpen { get; private set; }

    /// <summary>What both sides can, from OpenConfirm on.</summary>
    public BgpNegotiated? Negotiated { get; private set; }

    /// <summary>Since when it is established.</summary>
    public Instant EstablishedAt { get; private set; }

    public Instant? HoldDue { get; private set; }

    public Instant? KeepAliveDue { get; private set; }

    /// <summary>When the peer has taken nothing for too long (RFC 9687).</summary>
    public Instant? SendHoldDue { get; private set; }

    public Instant? NextDeadline => Instant.Earlier(HoldDue, Instant.Earlier(KeepAliveDue, SendHoldDue));

    /// <summary>How long a session is watched before earlier errors are forgiven.</summary>
    public TimeSpan StabilityTime => 2 * (_hold > TimeSpan.Zero ? _hold : TimeSpan.FromSeconds(90));

    public void Accept(BgpOpen peerOpen, ushort keepAliveSeconds, Instant now)
    {
        PeerOpen = peerOpen;
        Negotiated = BgpNegotiated.From(Offered, peerOpen);
        Framer.AllowsExtendedMessages = Negotiated.ExtendedMessages;
        _hold = TimeSpan.FromSeconds(Negotiated.HoldTimeSeconds);
        var third = _hold / 3;
        var wanted = TimeSpan.FromSeconds(keepAliveSeconds);
        _keepAlive = wanted > TimeSpan.Zero && wanted < third ? wanted : third;
        State = BgpSessionState.OpenConfirm;
        HeardAt(now);
    }

    public void Establish(Instant now) => (State, EstablishedAt) = (BgpSessionState.Established, now);

    /// <summary>A message that proves the peer's life came.</summary>
    public void HeardAt(Instant now) => HoldDue = _hold > TimeSpan.Zero ? now + _hold : null;

    /// <summary>A message that proves ours was sent.</summary>
    public void SpokeAt(Instant now, SeededRandom random) =>
        KeepAliveDue = _keepAlive > TimeSpan.Zero && State >= BgpSessionState.OpenConfirm
            ? now + random.Between(0.75 * _keepAlive, _keepAlive)
            : null;

    public void FlewAt(Instant now) => SendHoldDue = now + (2 * _hold > LeastSendHold ? 2 * _hold : LeastSendHold);

    public void LandedAt() => SendHoldDue = null;
}

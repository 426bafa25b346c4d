using System;
using System.Buffers.Binary;
using System.Collections.Immutable;
using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>The half that speaks on connections.</summary>
public sealed partial class BgpSessionMachine
{
    private const ushort RestartTimeSeconds = 120;

    private void HandleStream(BgpSessionInput input, Instant now)
    {
        switch (input)
        {
            case BgpSessionInput.StreamOpened opened:
                TakeOpened(opened, now);
                break;
            case BgpSessionInput.StreamAccepted accepted:
                TakeAccepted(accepted, now);
                break;
            case BgpSessionInput.StreamBytes bytes when Find(bytes.Stream) is { } connection:
                Receive(connection, bytes.Bytes.Span, now);
                break;
            case BgpSessionInput.StreamWritable writable when Find(writable.Stream) is { } connection:
                Land(connection, now);
                break;
            case BgpSessionInput.StreamClosed closed:
                Lose(closed.Stream, BgpStreamFailure.Other, "closed the connection", now);
                break;
            case BgpSessionInput.StreamFailed failed:
                Lose(failed.Stream, failed.Failure, failed.Reason, now);
                break;
        }
    }

    private void TakeOpened(BgpSessionInput.StreamOpened opened, Instant now)
    {
        if (opened.Stream == _attempt)
        {
            (_attempt, _attemptDue) = (null, null);
            _outgoing = Open(opened.Stream, isIncoming: false, opened.Local, now);
        }
        else if (Find(opened.Stream) is null)
        {
            // The order to give it up was on its way.
            _outputs.Enqueue(new BgpSessionOutput.CloseStream(opened.Stream));
        }
    }

    private void TakeAccepted(BgpSessionInput.StreamAccepted accepted, Instant now)
    {
        if (Find(accepted.Stream) is not null)
            return;
        if (!_isWanted || _heldUntil is not null)
        {
            _outputs.Enqueue(new BgpSessionOutput.CloseStream(accepted.Stream));
            return;
        }
        if (Established is { } connection)
        {
            Refuse(accepted.Stream);
            // A peer that crashed and is back answers this on the old connection by a reset, long before the hold time is over.
            SendKeepAlive(connection, now);
            return;
        }
        if (_incoming is { } earlier)
            Close(earlier, BgpNotification.Cease(BgpCeaseSubcode.ConnectionCollisionResolution));
        _retryDue = null;
        _incoming = Open(accepted.Stream, isIncoming: true, accepted.Local, now);
    }

    private void Refuse(long stream)
    {
        var output = new System.Buffers.ArrayBufferWriter<byte>(32);
        BgpMessageWriter.WriteNotification(output, BgpNotification.Cease(BgpCeaseSubcode.ConnectionCollisionResolution));
        _sent[(int)BgpMessageType.Notification]++;
        _outputs.Enqueue(new BgpSessionOutput.WriteStream(stream, output.WrittenMemory));
        _outputs.Enqueue(new BgpSessionOutput.CloseStream(stream));
    }

    private BgpConnection Open(long stream, bool isIncoming, IpAddress local, Instant now)
    {
        var capabilities = ImmutableArray.CreateBuilder<BgpCapability>();
        var families = ImmutableArray.CreateBuilder<BgpGracefulFamily>();
        foreach (var (family, isOffered) in new[]
            { (BgpFamily.IPv4Unicast, _config.IPv4Unicast), (BgpFamily.IPv6Unicast, _config.IPv6Unicast) })
        {
            if (!isOffered)
                continue;
            capabilities.Add(new BgpCapability.MultiProtocol(family));
            // kube-proxy goes on forwarding whatever happens to this process.
            families.Add(new(family, KeptForwarding: true));
        }
        if (_config.IPv4OverIPv6)
            capabilities.Add(new BgpCapability.ExtendedNextHop([BgpNextHopEncoding.IPv4OverIPv6]));
        capabilities.Add(new BgpCapability.RouteRefresh());
        capabilities.Add(new BgpCapability.EnhancedRouteRefresh());
        capabilities.Add(new BgpCapability.ExtendedMessage());
        if (_config.GracefulRestart)
        {
            var isRestarting = _establishments == 0 && now < _madeAt + TimeSpan.FromSeconds(RestartTimeSeconds);
            capabilities.Add(new BgpCapability.GracefulRestart(isRestarting, false, RestartTimeSeconds, families.ToImmutable()));
        }
        var open = BgpOpen.Of(_config.LocalAsn, _config.HoldTimeSeconds, _config.Identifier, capabilities.ToImmutable());
        var connection = new BgpConnection(stream, isIncoming, local, open);
        BgpMessageWriter.WriteOpen(connection.Queue.Output, open);
        _sent[(int)BgpMessageType.Open]++;
        connection.HeardAt(now);
        Flush(connection, now);
        return connection;
    }

    private void AdvanceConnection(BgpConnection? connection, Instant now)
    {
        if (connection is null)
            return;
        if (connection.SendHoldDue <= now)
            Fail(connection, BgpNotification.SendHoldTimerExpired, connection.PeerOpen, now);
        else if (connection.HoldDue <= now)
            Fail(connection, BgpNotification.HoldTimerExpired, connection.PeerOpen, now);
        else if (connection.KeepAliveDue <= now)
            SendKeepAlive(connection, now);
    }

    private void Receive(BgpConnection connection, ReadOnlySpan<byte> octets, Instant now)
    {
        connection.Framer.Append(octets);
        while (IsLive(connection) && connection.Framer.TryTake(out var frame))
        {
            _received[(int)frame.Type]++;
            Take(connection, frame, now);
        }
        if (IsLive(connection) && connection.Framer.Error is { } error)
            Fail(connection, error, connection.PeerOpen, now);
    }

    private void Take(BgpConnection connection, in BgpFrame frame, Instant now)
    {
        switch (connection.State, frame.Type)
        {
            case (_, BgpMessageType.Notification):
                var notification = BgpNotification.Read(frame.Body.Span);
                Close(connection, null);
                End(
                    connection, new(BgpErrorCause.NotificationReceived, BgpSessionWords.Received(_config, notification), notification),
                    isError: !notification.IsCease(BgpCeaseSubcode.ConnectionCollisionResolution), now);
                break;
            case (BgpSessionState.OpenSent, BgpMessageType.Open):
                TakeOpen(connection, frame.Body.Span, now);
                break;
            case (BgpSessionState.OpenConfirm, BgpMessageType.KeepAlive):
                Establish(connection, now);
                break;
            case (BgpSessionState.Established, BgpMessageType.KeepAlive):
                connection.HeardAt(now);
                break;
            case (BgpSessionState.Established, BgpMessageType.Update):
                connection.HeardAt(now);
                TakeUpdate(connection, frame.Body, now);
                break;
            case (BgpSessionState.Established, BgpMessageType.RouteRefresh):
                connection.HeardAt(now);
                TakeRefresh(connection, frame.Body.Span, now);
                break;
            default:
                Fail(connection, BgpNotification.Fsm(SubcodeOf(connection.State)), connection.PeerOpen, now);
                break;
        }
    }

    private void TakeOpen(BgpConnection connection, ReadOnlySpan<byte> body, Instant now)
    {
        if (!BgpOpen.TryRead(body, out var open, out var error))
        {
            Fail(connection, error ?? BgpNotification.Open(BgpOpenSubcode.Unspecific), open, now);
            return;
        }
        if (Judge(open!) is { } refusal)
        {
            Fail(connection, refusal, open, now);
            return;
        }
        var other = connection.IsIncoming ? _outgoing : _incoming;
        if (other is { State: BgpSessionState.OpenConfirm })
        {
            // The connection survives that was opened by the side with the higher identifier, or AS (RFC 4271 section 6.8, RFC 6286).
            var keepsOurs = (_config.Identifier, _config.LocalAsn).CompareTo((open!.Identifier, open.Asn)) > 0;
            var loser = connection.IsIncoming == keepsOurs ? connection : other;
            Close(loser, BgpNotification.Cease(BgpCeaseSubcode.ConnectionCollisionResolution));
            if (loser == connection)
                return;
        }
        connection.Accept(open!, _config.KeepAliveSeconds, now);
        SendKeepAlive(connection, now);
    }

    private BgpNotification? Judge(BgpOpen open)
    {
        var rules = new BgpOpenRules
        {
            LocalAsn = _config.LocalAsn,
            LocalIdentifier = _config.Identifier,
            PeerAs = _config.PeerAs,
            PeerAsn = _config.PeerAsn,
        };
        if (open.Check(rules) is { } refusal)
            return refusal;
        var hasCommon = (_config.IPv4Unicast && open.Speaks(BgpFamily.IPv4Unicast))
            || (_config.IPv6Unicast && open.Speaks(BgpFamily.IPv6Unicast));
        if (hasCommon)
            return null;
        // The data repeat the capability that is missed (RFC 5492 section 5).
        byte[] missed = [(byte)BgpCapabilityCode.MultiProtocol, 4, 0, (byte)(_config.IPv4Unicast ? 1 : 2), 0, 1];
        return BgpNotification.Open(BgpOpenSubcode.UnsupportedCapability, missed);
    }

    private void Establish(BgpConnection connection, Instant now)
    {
        connection.Establish(now);
        connection.HeardAt(now);
        if ((connection.IsIncoming ? _outgoing : _incoming) is { } other)
            Close(other, BgpNotification.Cease(BgpCeaseSubcode.ConnectionCollisionResolution));
        CancelAttempt();
        _retryDue = null;
        _establishments++;
        _backOff.Succeeded();
        _wantsToWrite = false;
        _outputs.Enqueue(new BgpSessionOutput.SessionUp(connection.Negotiated!, connection.Local));
    }

    private void TakeUpdate(BgpConnection connection, ReadOnlyMemory<byte> body, Instant now)
    {
        var update = BgpUpdate.Read(body, connection.Negotiated!.UpdateContext);
        if (update.Action == BgpErrorAction.SessionReset)
        {
            var notification = update.Decisive?.Notification ?? BgpNotification.Update(BgpUpdateSubcode.MalformedAttributeList);
            Fail(connection, notification, connection.PeerOpen, now);
        }
        else if (update.Action != BgpErrorAction.None)
        {
            _faultyUpdates++;
        }
    }

    private void TakeRefresh(BgpConnection connection, ReadOnlySpan<byte> body, Instant now)
    {
        var negotiated = connection.Negotiated!;
        if (!BgpRouteRefresh.TryRead(body, out var refresh, out var error))
        {
            if (negotiated.EnhancedRouteRefresh)
                Fail(connection, error!, connection.PeerOpen, now);
            return;
        }
        if (negotiated.RouteRefresh && refresh.Kind == BgpRouteRefreshKind.Request && negotiated.Speaks(refresh.Family))
            _outputs.Enqueue(new BgpSessionOutput.RefreshRequested(refresh.Family));
    }

    private void SendKeepAlive(BgpConnection connection, Instant now)
    {
        // Whatever waits already will prove our life, and more would only pile up before a peer that does not read.
        if (!connection.Queue.IsFlying || connection.Queue.WaitingBytes == 0)
        {
            BgpMessageWriter.WriteKeepAlive(connection.Queue.Output);
            _sent[(int)BgpMessageType.KeepAlive]++;
        }
        connection.SpokeAt(now, _random);
        Flush(connection, now);
    }

    private void Write(ReadOnlySpan<byte> messages, Instant now)
    {
        if (Established is not { } connection || messages.IsEmpty)
            return;
        if (connection.Queue.WaitingBytes + messages.Length > 2 * MostWaitingBytes)
        {
            // Half of what was to be said is worse than the session beginning anew.
            Fail(connection, BgpNotification.Cease(BgpCeaseSubcode.OutOfResources), connection.PeerOpen, now);
            return;
        }
        messages.CopyTo(connection.Queue.Output.GetSpan(messages.Length));
        connection.Queue.Output.Advance(messages.Length);
        for (var rest = messages; rest.Length >= BgpFramer.HeaderBytes;)
        {
            _sent[Math.Min((int)rest[BgpFramer.HeaderBytes - 1], _sent.Length - 1)]++;
            var length = BinaryPrimitives.ReadUInt16BigEndian(rest[BgpFramer.MarkerBytes..]);
            rest = rest[Math.Clamp(length, BgpFramer.HeaderBytes, rest.Length)..];
        }
        connection.SpokeAt(now, _random);
        Flush(connection, now);
        _wantsToWrite |= connection.Queue.WaitingBytes > MostWaitingBytes / 2;
    }

    private void Flush(BgpConnection connection, Instant now)
    {
        if (!connection.Queue.TryFly(out var octets))
            return;
        connection.FlewAt(now);
        _outputs.Enqueue(new BgpSessionOutput.WriteStream(connection.Stream, octets));
    }

    private void Land(BgpConnection connection, Instant now)
    {
        if (!connection.Queue.IsFlying)
            return;
        connection.Queue.Land();
        connection.LandedAt();
        Flush(connection, now);
        if (!_wantsToWrite || connection.State != BgpSessionState.Established)
            return;
        _wantsToWrite = false;
        _outputs.Enqueue(new BgpSessionOutput.ReadyToWrite());
    }

    /// <summary>Ends a connection for an error that we found.</summary>
    private void Fail(BgpConnection connection, BgpNotification notification, BgpOpen? peerOpen, Instant now)
    {
        Close(connection, notification);
        var text = BgpSessionWords.Sent(_config, notification, peerOpen);
        End(connection, new(BgpErrorCause.NotificationSent, text, notification), isError: true, now);
    }

    private void Lose(long stream, BgpStreamFailure failure, string reason, Instant now)
    {
        if (stream == _attempt)
        {
            FailAttempt(failure, reason, isOpen: false, now);
        }
        else if (Find(stream) is { } connection)
        {
            Remove(connection);
            var how = failure == BgpStreamFailure.Reset ? "reset the connection" : reason;
            End(connection, new(BgpErrorCause.ConnectionLost, BgpSessionWords.Lost(connection.State, how)), isError: false, now);
        }
    }

    /// <summary>Says farewell on a connection and forgets it.</summary>
    private void Close(BgpConnection connection, BgpNotification? notification)
    {
        if (notification is not null)
        {
            BgpMessageWriter.WriteNotification(connection.Queue.Output, notification);
            _sent[(int)BgpMessageType.Notification]++;
            _outputs.Enqueue(new BgpSessionOutput.WriteStream(connection.Stream, connection.Queue.TakeRest()));
        }
        _outputs.Enqueue(new BgpSessionOutput.CloseStream(connection.Stream));
        Remove(connection);
    }

    /// <summary>Decides what comes after a connection that has ended.</summary>
    private void End(BgpConnection connection, BgpSessionError error, bool isError, Instant now)
    {
        if (connection.State == BgpSessionState.Established)
        {
            var wasStable = now - connection.EstablishedAt >= connection.StabilityTime;
            if (wasStable)
                _backOff.Forgive();
            // A peer that goes as soon as it has come is as bad as one that errs.
            isError |= !wasStable;
            _backOff.Lost(now);
            _outputs.Enqueue(new BgpSessionOutput.SessionDown(error));
        }
        Tell(error);
        if (!_isWanted || _outgoing is not null || _incoming is not null)
            return;
        if (isError)
            HoldBack(now);
        else if (_attempt is null && !_config.IsPassive)
            _retryDue = now + _backOff.Retry(_config.ConnectRetrySeconds, now);
    }

    private void Remove(BgpConnection connection)
    {
        if (connection == _outgoing)
            _outgoing = null;
        if (connection == _incoming)
            _incoming = null;
    }

    private BgpConnection? Find(long stream) =>
        _outgoing?.Stream == stream ? _outgoing : _incoming?.Stream == stream ? _incoming : null;

    private bool IsLive(BgpConnection connection) => connection == _outgoing || connection == _incoming;

    private static BgpFsmSubcode SubcodeOf(BgpSessionState state) => state switch
    {
        BgpSessionState.OpenSent => BgpFsmSubcode.UnexpectedInOpenSent,
        BgpSessionState.OpenConfirm => BgpFsmSubcode.UnexpectedInOpenConfirm,
        BgpSessionState.Established => BgpFsmSubcode.UnexpectedInEstablished,
        _ => BgpFsmSubcode.Unspecified,
    };
}

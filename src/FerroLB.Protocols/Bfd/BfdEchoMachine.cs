using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bfd;

/// <summary>The echo function of one session (RFC 5880, 6.4 and 6.8.9).</summary>
internal sealed class BfdEchoMachine(int number, BfdEcho echo, BfdOutbox outbox, SeededRandom random)
{
    private TimeSpan _interval;
    private TimeSpan _detectionTime;
    private Instant? _sendDue;
    private Instant? _detectionDue;

    /// <summary>Echo packets that came back.</summary>
    public long Returned { get; private set; }

    /// <summary>Echo packets sent.</summary>
    public long Sent { get; private set; }

    /// <summary>Whether the session goes down when no more come back.</summary>
    public bool IsWatched => _detectionDue is not null;

    public Instant? NextDeadline => Instant.Earlier(_sendDue, _detectionDue);

    /// <summary>Sends or stops sending, as the profile, the state and the peer's last packet want it.</summary>
    public void Use(BfdSessionConfig config, BfdSessionKey key, BfdState state, in BfdPacket heard, Instant now)
    {
        if (!config.EchoMode || key.IsMultiHop || state != BfdState.Up || heard.RequiredMinEchoRxMicroseconds == 0)
        {
            (_interval, _sendDue, _detectionDue) = (TimeSpan.Zero, null, null);
            return;
        }
        var least = TimeSpan.FromMicroseconds(heard.RequiredMinEchoRxMicroseconds);
        var interval = config.EchoInterval > least ? config.EchoInterval : least;
        var detectionTime = config.DetectMultiplier * interval;
        if (interval == _interval && detectionTime == _detectionTime)
            return;
        (_interval, _detectionTime) = (interval, detectionTime);
        _sendDue = now;
        if (IsWatched)
            _detectionDue = now + detectionTime;
    }

    public bool Receive(in BfdEcho received, Instant now)
    {
        if (received != echo || _sendDue is null)
            return false;
        Returned++;
        _detectionDue = now + _detectionTime;
        return true;
    }

    /// <summary>Sends what is due; true when the echoes stay away.</summary>
    public bool Advance(Instant now)
    {
        if (_detectionDue <= now)
            return true;
        if (_sendDue <= now)
        {
            var bytes = outbox.Append(number, BfdChannel.Echo, BfdPort.TimeToLive, BfdEcho.SizeBytes);
            if (!bytes.IsEmpty)
            {
                var writer = new ByteWriter(bytes);
                echo.Write(ref writer);
                Sent++;
            }
            _sendDue = now + random.Between(0.75 * _interval, _interval);
        }
        return false;
    }
}

using System;
using System.Collections.Generic;
using FerroLB.Lab.Network;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Routers;

/// <summary>How far a session of a router is.</summary>
internal enum RouterSessionState : byte
{
    /// <summary>The speaker's OPEN has not come.</summary>
    OpenSent,

    /// <summary>Its first KEEPALIVE has not come.</summary>
    OpenConfirm,

    /// <summary>Routes may come.</summary>
    Established,
}

/// <summary>A connection of a speaker to a router, and what was said on it.</summary>
internal sealed class RouterSession(TcpEnd end)
{
    private readonly List<byte> _octets = [];

    public TcpEnd End => end;

    /// <summary>The speaker's address.</summary>
    public IpAddress Node => end.Remote;

    public RouterSessionState State { get; set; }

    /// <summary>Whether our OPEN was sent.</summary>
    public bool HasGreeted { get; set; }

    public HeardOpen? Open { get; set; }

    /// <summary>The time after which the other side counts as dead; zero for never.</summary>
    public TimeSpan Hold { get; set; }

    public Instant HeardAt { get; set; }

    /// <summary>Counts the timers that were set; only the last one counts.</summary>
    public long Beat { get; set; }

    /// <summary>The NOTIFICATION that what was sent wrongly has to be answered with; a subcode of 255 for any.</summary>
    public (byte Code, byte Subcode)? Due { get; set; }

    /// <summary>Adds octets as they came.</summary>
    public void Append(byte[] octets) => _octets.AddRange(octets);

    /// <summary>Takes the next message, whole with its header; null when it is not all there.</summary>
    public byte[]? Take(out string? fault)
    {
        const int HeaderBytes = 19;
        fault = null;
        if (_octets.Count < HeaderBytes)
            return null;
        var length = _octets[16] << 8 | _octets[17];
        for (var i = 0; i < 16 && fault is null; i++)
            fault = _octets[i] == 0xFF ? null : "a header without a marker";
        var most = Open is { ExtendedMessages: true } ? 65_535 : 4_096;
        if (length < HeaderBytes || length > most)
            fault ??= $"a header with the length {length}";
        if (fault is not null || _octets.Count < length)
            return null;
        var message = _octets.GetRange(0, length).ToArray();
        _octets.RemoveRange(0, length);
        return message;
    }
}

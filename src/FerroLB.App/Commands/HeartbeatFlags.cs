using System;
using System.CommandLine;
using FerroLB.Protocols.Heartbeat;
using FerroLB.Runtime.Loop;

namespace FerroLB.App.Commands;

/// <summary>The flags of the heartbeats by which speakers notice within three of them that the owner of addresses is gone.</summary>
internal sealed class HeartbeatFlags
{
    private readonly Option<string> _interval = Flags.Duration(
        "--heartbeat-interval", "100ms",
        "How often a speaker that owns layer-2 addresses says so on the LAN; three missed make another one take over. 10ms for the " +
        "quickest take-over, 0 for none: then only membership notices.");

    private readonly Option<int> _port = Flags.Port("--heartbeat-port", 7947, "UDP port for that, the same for all speakers.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(_interval);
        command.Options.Add(_port);
    }

    /// <summary>Reads the flags; null when heartbeats are off.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="nodeName">This node.</param>
    /// <param name="secret">The common secret of the speakers; empty for none.</param>
    /// <exception cref="StartException">Something of it cannot be used.</exception>
    public HeartbeatSettings? Read(ParseResult arguments, string nodeName, ReadOnlySpan<byte> secret)
    {
        var interval = Flags.ReadDuration(arguments.GetValue(_interval)!);
        var port = arguments.GetValue(_port);
        if (interval == TimeSpan.Zero || port == 0)
            return null;
        if (interval < HeartbeatConfig.LeastInterval || interval > HeartbeatConfig.MostInterval)
        {
            var text = arguments.GetValue(_interval);
            throw new StartException(2, $"--heartbeat-interval must be 0, or lie between 1ms and 20s, not '{text}'.");
        }
        if (!HeartbeatPacket.IsName(nodeName))
            throw new StartException(2, $"--node-name: '{nodeName}' is no name of a node: 1 to 253 ASCII characters without spaces are.");
        // Of a node whose wall clock was set back the others tell it a higher one.
        var incarnation = (ulong)Math.Max(0, DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        return new(new(nodeName, incarnation, interval), new((ushort)port, HeartbeatSeal.FromSecret(secret)));
    }
}

/// <summary>How heartbeats are sent and judged.</summary>
/// <param name="Config">What the machine is told.</param>
/// <param name="Loop">What the link loop is told.</param>
internal sealed record HeartbeatSettings(HeartbeatConfig Config, LinkHeartbeatOptions Loop);

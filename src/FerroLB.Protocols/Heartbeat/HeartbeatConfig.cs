using System;

namespace FerroLB.Protocols.Heartbeat;

/// <summary>What a <see cref="HeartbeatMachine"/> is told about itself.</summary>
/// <param name="Name">This node's name; <see cref="HeartbeatPacket.IsName(string)"/> holds for it.</param>
/// <param name="Incarnation">Which life of this node it is: higher than any before. The wall clock at the start of the process will do,
/// because the others tell a node whose clock was set back.</param>
/// <param name="Interval">How often an owner sends, from 1 ms to 20 s; longer where very many do.</param>
public sealed record HeartbeatConfig(string Name, ulong Incarnation, TimeSpan Interval)
{
    /// <summary>The shortest interval.</summary>
    public static readonly TimeSpan LeastInterval = TimeSpan.FromMilliseconds(1);

    /// <summary>The longest interval.</summary>
    public static readonly TimeSpan MostInterval = TimeSpan.FromSeconds(20);
}

using System;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>How long a client waits. The defaults find a connection that is open and silent within 45 seconds: the runtime looks every
/// quarter of the shorter of the two ping times.</summary>
public sealed record KubeHttpTiming
{
    /// <summary>After so long without a frame from the server an HTTP/2 connection is pinged; at least a second.</summary>
    public TimeSpan PingDelay { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>So long the answer to a ping may take; at least a second.</summary>
    public TimeSpan PingTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>So long a connection may take to be made, TLS included.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>So long an answer may take, and the opening of a watch.</summary>
    public TimeSpan AnswerDeadline { get; init; } = TimeSpan.FromSeconds(30);
}

namespace FerroLB.Lab.Network;

/// <summary>How a connection ended.</summary>
public enum TcpEnding : byte
{
    /// <summary>The other side closed it, after everything that it wrote.</summary>
    Closed,

    /// <summary>The other side knows nothing of it, or broke it off.</summary>
    Reset,

    /// <summary>Nobody listens there.</summary>
    Refused,

    /// <summary>The other side did not answer for long.</summary>
    TimedOut,
}

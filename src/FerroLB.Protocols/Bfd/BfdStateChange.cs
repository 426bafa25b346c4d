namespace FerroLB.Protocols.Bfd;

/// <summary>A session changed its state.</summary>
/// <param name="Key">Which session.</param>
/// <param name="From">The state before.</param>
/// <param name="To">The state now.</param>
/// <param name="Diagnostic">Why.</param>
/// <param name="RemoteState">The peer's state as last heard.</param>
/// <param name="RemoteDiagnostic">Why the peer last changed its state.</param>
public readonly record struct BfdStateChange(
    BfdSessionKey Key, BfdState From, BfdState To, BfdDiagnostic Diagnostic, BfdState RemoteState, BfdDiagnostic RemoteDiagnostic)
{
    /// <summary>Whether the path that was there is gone: what ends the BGP session (RFC 5882, 4.2).</summary>
    public bool IsFailure => From == BfdState.Up && To == BfdState.Down && RemoteState != BfdState.AdminDown;
}

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>A family that graceful restart covers (RFC 4724 section 3).</summary>
/// <param name="Family">The family.</param>
/// <param name="KeptForwarding">The F bit: the forwarding state of the last session was kept.</param>
public readonly record struct BgpGracefulFamily(BgpFamily Family, bool KeptForwarding);

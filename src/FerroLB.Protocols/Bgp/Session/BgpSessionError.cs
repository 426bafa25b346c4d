using FerroLB.Protocols.Bgp.Wire;

namespace FerroLB.Protocols.Bgp.Session;

/// <summary>Why a session ended or does not come up.</summary>
/// <param name="Cause">The kind.</param>
/// <param name="Text">In words for the operator.</param>
/// <param name="Notification">What was sent or received; null for nothing.</param>
public sealed record BgpSessionError(BgpErrorCause Cause, string Text, BgpNotification? Notification = null);

using System;

namespace FerroLB.Protocols.Bfd;

/// <summary>A session as it was at one moment.</summary>
/// <param name="Key">Which session.</param>
/// <param name="State">Our state.</param>
/// <param name="Diagnostic">Why it last changed.</param>
/// <param name="RemoteState">The peer's state as last heard.</param>
/// <param name="RemoteDiagnostic">Why it last changed.</param>
/// <param name="LocalDiscriminator">Our number of the session.</param>
/// <param name="RemoteDiscriminator">The peer's number of the session; 0 when it is not known.</param>
/// <param name="TransmitInterval">The longest time between two of our control packets now.</param>
/// <param name="DetectionTime">How long the peer may be silent; zero before it was heard.</param>
/// <param name="IsEchoActive">Whether returning echo packets are watched.</param>
/// <param name="Counters">What happened so far.</param>
public sealed record BfdSessionSnapshot(
    BfdSessionKey Key,
    BfdState State,
    BfdDiagnostic Diagnostic,
    BfdState RemoteState,
    BfdDiagnostic RemoteDiagnostic,
    uint LocalDiscriminator,
    uint RemoteDiscriminator,
    TimeSpan TransmitInterval,
    TimeSpan DetectionTime,
    bool IsEchoActive,
    BfdCounters Counters);

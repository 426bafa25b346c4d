namespace FerroLB.Protocols.Bfd;

/// <summary>What happened in a session since it was made.</summary>
/// <param name="ControlIn">Control packets received and used.</param>
/// <param name="ControlOut">Control packets sent.</param>
/// <param name="EchoIn">Echo packets of ours that came back.</param>
/// <param name="EchoOut">Echo packets sent.</param>
/// <param name="UpEvents">Times that the session came up.</param>
/// <param name="DownEvents">Times that it went down after it was up.</param>
public readonly record struct BfdCounters(long ControlIn, long ControlOut, long EchoIn, long EchoOut, long UpEvents, long DownEvents);

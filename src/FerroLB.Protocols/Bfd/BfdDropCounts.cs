namespace FerroLB.Protocols.Bfd;

/// <summary>How many datagrams were discarded since the start, by <see cref="BfdDropReason"/>, and how many could not be sent.</summary>
/// <param name="Version">Were not version 1.</param>
/// <param name="Length">Had a wrong length.</param>
/// <param name="DetectMultiplier">Had a detection multiplier of zero.</param>
/// <param name="Multipoint">Had the multipoint bit.</param>
/// <param name="MyDiscriminator">Came from a sender without discriminator.</param>
/// <param name="YourDiscriminatorMissing">Named no session and claimed to hear us.</param>
/// <param name="UnknownSession">Meant no session.</param>
/// <param name="TimeToLive">Made too many hops.</param>
/// <param name="Authentication">Were authenticated.</param>
/// <param name="AdministrativelyDown">Belonged to a session that is held down.</param>
/// <param name="Echo">Echo packets that nobody can use.</param>
/// <param name="QueueFull">Packets that were not sent because too many waited to be taken.</param>
public readonly record struct BfdDropCounts(
    long Version,
    long Length,
    long DetectMultiplier,
    long Multipoint,
    long MyDiscriminator,
    long YourDiscriminatorMissing,
    long UnknownSession,
    long TimeToLive,
    long Authentication,
    long AdministrativelyDown,
    long Echo,
    long QueueFull);

namespace FerroLB.Core.Election;

/// <summary>What a process may do at the moment.</summary>
public enum LeaderRole
{
    /// <summary>Watch, and write nothing.</summary>
    Standby,

    /// <summary>Decide and write.</summary>
    Leader,

    /// <summary>
    /// The Lease could not be renewed in time: decide and write nothing, but keep everything, for as far as is known nobody else has led.
    /// </summary>
    Suspended,
}

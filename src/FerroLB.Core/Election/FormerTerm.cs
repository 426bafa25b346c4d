namespace FerroLB.Core.Election;

/// <summary>What the new leader knows of the term before its own.</summary>
public enum FormerTerm
{
    /// <summary>There was none, or the Lease no longer tells how it ended.</summary>
    Unknown,

    /// <summary>Its leader gave the Lease back, and said that none of its writes was still under way.</summary>
    Complete,

    /// <summary>Its leader gave the Lease back before it was done, or fell silent: writes may still be under way.</summary>
    Unfinished,
}

using System;

namespace FerroLB.Core.Certificates;

/// <summary>What a bundle lacks.</summary>
public enum CertificateNeed
{
    /// <summary>Nothing.</summary>
    None,

    /// <summary>A new server certificate of the same authority.</summary>
    Server,

    /// <summary>A new authority, and a server certificate signed by it.</summary>
    Everything,
}

/// <summary>What a look at a bundle gave.</summary>
/// <param name="Need">What must be made anew.</param>
/// <param name="IsServable">Whether clients accept the server certificate now.</param>
/// <param name="IsDamaged">Whether something is wrong that no course of time explains: worth a word to the operator.</param>
/// <param name="Reason">Why something is needed, naming the key; "" when nothing is.</param>
/// <param name="DueAt">When the same bundle needs something because of the time that passed.</param>
public sealed record CertificateVerdict(
    CertificateNeed Need, bool IsServable, bool IsDamaged, string Reason, DateTimeOffset DueAt);

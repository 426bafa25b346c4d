using System;
using System.Collections.Generic;

namespace FerroLB.Core.Certificates;

/// <summary>
/// What the shell shall make: drawing keys needs randomness, so only it can. The answer carries the same <see cref="Id"/>.
/// </summary>
/// <param name="Id">Unique within the node's life.</param>
/// <param name="Authority">The authority to sign with; null to make a new one first.</param>
/// <param name="DnsNames">What the server certificate is for; the first is its common name too.</param>
/// <param name="NotBefore">Where the validity of all that is made begins.</param>
/// <param name="AuthorityNotAfter">Where a new authority's validity ends.</param>
/// <param name="ServerNotAfter">Where the server certificate's validity ends.</param>
public sealed record CertificateOrder(
    long Id,
    CertificateBundle? Authority,
    IReadOnlyList<string> DnsNames,
    DateTimeOffset NotBefore,
    DateTimeOffset AuthorityNotAfter,
    DateTimeOffset ServerNotAfter);

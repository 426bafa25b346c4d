using System;
using FerroLB.Core.Election;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>How a term of leadership begins.</summary>
/// <param name="Number">Counts the terms of this process.</param>
/// <param name="Former">How the term before ended, as far as is known.</param>
/// <param name="Since">When this process knew that it leads.</param>
/// <param name="LastRequest">The last request that it had made then: what it decides by must have been asked for since.</param>
/// <param name="Patience">How long a leader that nobody knows of may go on without looking at the Lease; zero without election.</param>
internal sealed record TermStart(int Number, FormerTerm Former, Instant Since, long LastRequest, TimeSpan Patience);

using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// What the control loop tells the link loop. Commands are idempotent and name the whole wish for one Service, so a repeated or a late one
/// does no harm, and the cost of a change is that of the change.
/// </summary>
public abstract record LinkCommand
{
    private LinkCommand()
    {
    }

    /// <summary>
    /// This node owns these addresses for the Service from now on: answer for them, and announce those that are new. Replaces what was
    /// said before for the same Service. Addresses are reference-counted over Services.
    /// </summary>
    /// <param name="Service">The Service.</param>
    /// <param name="Wishes">Its addresses, each with its interfaces; empty for none.</param>
    public sealed record AnnounceService(ObjectKey Service, IReadOnlyList<AddressWish> Wishes) : LinkCommand
    {
        /// <summary>
        /// Addresses of the Service that another living node announces from now on. Those that this node announced so far it yields: it
        /// goes on answering, unannounced, until the other one is heard, but no longer than a second. Repeating it does not prolong that;
        /// an address that is neither here nor among the wishes is silent at once.
        /// </summary>
        public IReadOnlyList<IpAddress> Elsewhere { get; init; } = [];
    }

    /// <summary>This node no longer announces for the Service: stop answering for addresses that no other Service holds.</summary>
    /// <param name="Service">The Service.</param>
    public sealed record RetractService(ObjectKey Service) : LinkCommand;

    /// <summary>Tell (<see cref="LinkReport.Silent"/>) when nothing is announced and nothing is yielded any more.</summary>
    public sealed record TellWhenSilent : LinkCommand;

    /// <summary>Everything that this node owns has been commanded, with knowledge of all standstills up to this one.</summary>
    /// <param name="Standstill">The number from <see cref="LinkReport.PeersChanged"/>; 0 the first time.</param>
    public sealed record ConfirmOwnership(int Standstill) : LinkCommand;

    /// <summary>This process is about to end: tell those who hear its heartbeats.</summary>
    public sealed record AnnounceLeaving : LinkCommand;
}

using System.Collections.Generic;

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
    /// <param name="Wishes">Its addresses, each with its interfaces; empty is the same as <see cref="RetractService"/>.</param>
    public sealed record AnnounceService(ObjectKey Service, IReadOnlyList<AddressWish> Wishes) : LinkCommand;

    /// <summary>This node no longer announces for the Service: stop answering for addresses that no other Service holds.</summary>
    /// <param name="Service">The Service.</param>
    public sealed record RetractService(ObjectKey Service) : LinkCommand;
}

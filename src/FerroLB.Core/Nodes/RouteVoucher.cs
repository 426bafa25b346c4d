using System;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Status;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Who says on a Service that it is advertised by BGP, or that it is not. Several nodes advertise it, each knows its own sessions alone,
/// and one is to speak. So one vouches: the condition that says True names the node that wrote it, and as long as that node is there and
/// is to advertise the Service, all others are silent.
/// <code>
/// nobody vouches ----> a node with a session says True, sooner the earlier it comes in the Service's order ----> it vouches
///      |                                                                                                            |
///      |  for 5 s                                                       it has no session any more, and says so ----/
///      v                                                                (or it is gone): nobody vouches
/// the first of the order says False, and why; whoever has a session puts that right
/// </code>
/// So a Service is False only when no node vouched in time, each change costs a write or two whatever the number of nodes, and no node has
/// to know the sessions of others. Nodes that disagree about who lives may both speak; then each puts the other's words right ever later
/// (<see cref="ServiceAnnouncedWriter"/>).
/// </summary>
public static class RouteVoucher
{
    /// <summary>How much later than the one before a node of the order vouches.</summary>
    public static readonly TimeSpan Step = TimeSpan.FromMilliseconds(500);

    /// <summary>How long nobody must have vouched before it is said that the Service is not advertised.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private const string Voucher = "advertised by BGP from node ";
    private const string VoucherEnd = " to ";

    private static readonly TimeSpan MostPatience = TimeSpan.FromSeconds(30);

    /// <summary>What a node has to say about a Service, and how long it waits with that; null when it is for others to speak.</summary>
    /// <param name="node">The node, one of the candidates.</param>
    /// <param name="service">The Service.</param>
    /// <param name="candidates">The nodes that are to advertise it.</param>
    /// <param name="said">What the Service says so far.</param>
    /// <param name="own">What the node knows: that it advertises the Service, or why it does not.</param>
    public static (Statement Statement, TimeSpan Patience)? Speak(
        string node, ObjectKey service, SpeakerDuty candidates, ObjectCondition? said, Statement own)
    {
        var voucher = said is { Status: "True" } ? VoucherOf(said.Message) : null;
        if (voucher is not null && candidates.Living.Contains(voucher))
        {
            if (voucher != node)
                return null;
            return own.Holds || candidates.Living.Count == 1
                ? (own, own.Holds ? TimeSpan.Zero : ServiceAnnouncedWriter.Patience)
                : (Vacant(node, own), TimeSpan.Zero);
        }
        var rank = candidates.RankOf(node, service);
        if (own.Holds)
            return (own, rank * Step < MostPatience ? rank * Step : MostPatience);
        if (rank > 0)
            return null;
        return (own, candidates.Living.Count == 1 ? ServiceAnnouncedWriter.Patience : Patience);
    }

    /// <summary>How the words begin by which a node vouches; the names of peers follow.</summary>
    public static string WordsOf(string node) => Voucher + node + VoucherEnd;

    /// <summary>The node that a message names as advertising the Service and knowing so; null when it names none.</summary>
    public static string? VoucherOf(string? message)
    {
        var start = message?.IndexOf(Voucher, StringComparison.Ordinal) ?? -1;
        if (start < 0)
            return null;
        var rest = message![(start + Voucher.Length)..];
        var end = rest.IndexOf(VoucherEnd, StringComparison.Ordinal);
        return end < 0 ? null : rest[..end];
    }

    /// <summary>What a node leaves behind that has no session any more, until another speaks.</summary>
    private static Statement Vacant(string node, Statement own) => new(
        true, "Announced", Excerpt.Message($"advertised by BGP; node {node}, which said so, does it no more: {own.Message}"));
}

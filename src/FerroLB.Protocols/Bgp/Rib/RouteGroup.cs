using FerroLB.Protocols.Bgp.Wire;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>All routes of one family with the same terms: they share the attributes' octets and travel in the same UPDATEs.</summary>
internal sealed class RouteGroup(RouteTerms terms, FamilyTable table)
{
    /// <summary>What is said about the routes.</summary>
    public RouteTerms Terms { get; } = terms;

    /// <summary>The family's table, to which the group belongs.</summary>
    public FamilyTable Table { get; } = table;

    /// <summary>Routes that are to be sent.</summary>
    public SlotList Pending = SlotList.Empty;

    /// <summary>Whether the group stands in the queue of groups with something to send.</summary>
    public bool IsQueued { get; set; }

    /// <summary>How many routes are wanted or were sent with these terms.</summary>
    public int UseCount { get; set; }

    /// <summary>The attributes as this session has them; null until they are needed.</summary>
    public byte[]? Octets { get; private set; }

    /// <summary>Whether the attributes leave room for a prefix in the longest message.</summary>
    public bool Fits { get; private set; }

    /// <summary>Writes the attributes for a session.</summary>
    public void Prepare(RibSession session, bool isShuttingDown)
    {
        var attributes = session.AttributesOf(Terms, isShuttingDown);
        var hop = session.NextHopOf(Table.Family)!.Value;
        IpAddress? classic = BgpUpdateWriter.UsesNlriField(Table.Wire, hop) ? hop.Address : null;
        var fourOctetAs = session.Negotiated.FourOctetAs;
        Octets = new byte[BgpAttributeWriter.SizeBytes(attributes, classic is not null, fourOctetAs)];
        BgpAttributeWriter.Write(Octets, attributes, classic, fourOctetAs);
        Fits = Octets.Length + BgpUpdateWriter.OverheadBytes <= session.Negotiated.MostMessageBytes;
    }

    /// <summary>Forgets the octets, because the session is another.</summary>
    public void Forget() => Octets = null;
}

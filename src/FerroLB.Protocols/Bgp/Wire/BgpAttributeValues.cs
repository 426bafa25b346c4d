using System.Collections.Immutable;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>Collects the values of attributes while they are read. Nothing is collected of what was found malformed.</summary>
internal sealed class BgpAttributeValues
{
    public BgpOrigin? Origin;
    public BgpAsPath? AsPath;
    public BgpAsPath? As4Path;
    public uint? MultiExitDisc;
    public uint? LocalPref;
    public bool IsAtomicAggregate;
    public BgpAggregator? Aggregator;
    public BgpAggregator? As4Aggregator;
    public ImmutableArray<BgpCommunity> Communities = [];
    public uint? OriginatorId;
    public ImmutableArray<uint> ClusterList = [];
    public ImmutableArray<BgpExtendedCommunity> ExtendedCommunities = [];
    public ImmutableArray<BgpLargeCommunity> LargeCommunities = [];
    public uint? OnlyToCustomer;
    public readonly ImmutableArray<BgpUnknownAttribute>.Builder Unknown = ImmutableArray.CreateBuilder<BgpUnknownAttribute>();

    /// <summary>The attributes, with those of RFC 6793 merged into their two-octet counterparts (section 4.2.3).</summary>
    public BgpAttributes ToAttributes()
    {
        var path = AsPath;
        var aggregator = Aggregator;
        // A two-octet speaker that formed the aggregate left behind what it did not understand of an older one.
        if (aggregator is null or { Asn: BgpOpen.AsTrans })
        {
            aggregator = aggregator is null ? null : As4Aggregator ?? aggregator;
            path = path is not null && As4Path is not null ? BgpAsPath.Merge(path, As4Path) : path;
        }
        return new()
        {
            Origin = Origin,
            AsPath = path,
            MultiExitDisc = MultiExitDisc,
            LocalPref = LocalPref,
            IsAtomicAggregate = IsAtomicAggregate,
            Aggregator = aggregator,
            Communities = Communities,
            OriginatorId = OriginatorId,
            ClusterList = ClusterList,
            ExtendedCommunities = ExtendedCommunities,
            LargeCommunities = LargeCommunities,
            OnlyToCustomer = OnlyToCustomer,
            Unknown = Unknown.ToImmutable(),
        };
    }
}

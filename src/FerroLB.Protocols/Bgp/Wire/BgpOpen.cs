using System;
using System.Buffers.Binary;
using System.Collections.Immutable;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>An OPEN (RFC 4271 section 4.2). Reading takes any version and any values; <see cref="Check"/> judges them.</summary>
/// <param name="Version">4, or what the peer wrote.</param>
/// <param name="AsField">The two-octet AS field: <see cref="AsTrans"/> when the real number does not fit.</param>
/// <param name="HoldTimeSeconds">The offered hold time; 0 for no timer.</param>
/// <param name="Identifier">The BGP identifier, a number that looks like an IPv4 address (RFC 6286).</param>
/// <param name="Capabilities">In their order; a code may occur more than once.</param>
public sealed record BgpOpen(
    byte Version, ushort AsField, ushort HoldTimeSeconds, uint Identifier, ImmutableArray<BgpCapability> Capabilities)
{
    /// <summary>The version of BGP.</summary>
    public const byte BgpVersion = 4;

    /// <summary>The AS number that stands for one that does not fit in two octets (RFC 6793).</summary>
    public const ushort AsTrans = 23456;

    /// <summary>The OPEN of a speaker; the capability of four-octet AS numbers is added in front unless it is there.</summary>
    public static BgpOpen Of(uint asn, ushort holdTimeSeconds, uint identifier, ImmutableArray<BgpCapability> capabilities)
    {
        var open = new BgpOpen(BgpVersion, asn > ushort.MaxValue ? AsTrans : (ushort)asn, holdTimeSeconds, identifier, capabilities);
        return open.Find<BgpCapability.FourOctetAs>() is null
            ? open with { Capabilities = capabilities.Insert(0, new BgpCapability.FourOctetAs(asn)) }
            : open;
    }

    /// <summary>Reads what follows the header; when that cannot be done, the NOTIFICATION to send.</summary>
    public static bool TryRead(ReadOnlySpan<byte> body, out BgpOpen? open, out BgpNotification? error) =>
        BgpOpenCodec.TryRead(body, out open, out error);

    /// <summary>The sender's AS: of the capability, else of the field (RFC 6793 section 4.1).</summary>
    public uint Asn => Find<BgpCapability.FourOctetAs>()?.Asn ?? AsField;

    /// <summary>The last capability of a kind, which is the one that counts (RFC 4724 section 3); null when there is none.</summary>
    public T? Find<T>()
        where T : BgpCapability
    {
        for (var i = Capabilities.Length - 1; i >= 0; i--)
        {
            if (Capabilities[i] is T found)
                return found;
        }
        return null;
    }

    /// <summary>Whether the sender speaks a family: it says so, or it names no family at all and this is IPv4 unicast.</summary>
    public bool Speaks(BgpFamily family)
    {
        var namesAny = false;
        foreach (var capability in Capabilities)
        {
            if (capability is not BgpCapability.MultiProtocol offered)
                continue;
            namesAny = true;
            if (offered.Family == family)
                return true;
        }
        return !namesAny && family == BgpFamily.IPv4Unicast;
    }

    /// <summary>Whether the sender reads next hops of another family (RFC 8950).</summary>
    public bool Reads(BgpNextHopEncoding encoding)
    {
        foreach (var capability in Capabilities)
        {
            if (capability is BgpCapability.ExtendedNextHop offered && offered.Encodings.Contains(encoding))
                return true;
        }
        return false;
    }

    /// <summary>Judges the values (RFC 4271 section 6.2, RFC 6286, RFC 7607): null when they are acceptable, else what to answer.</summary>
    public BgpNotification? Check(in BgpOpenRules rules)
    {
        if (Version != BgpVersion)
            return BgpNotification.Open(BgpOpenSubcode.UnsupportedVersionNumber, (byte[])[0, BgpVersion]);
        var isInternal = Asn == rules.LocalAsn;
        var isExpected = rules.PeerAs switch
        {
            BgpPeerAs.Internal => isInternal,
            BgpPeerAs.External => !isInternal,
            _ => Asn == rules.PeerAsn,
        };
        if (Asn == 0 || !isExpected)
            return BgpNotification.Open(BgpOpenSubcode.BadPeerAs, AsnOctets());
        if (Identifier == 0 || (isInternal && Identifier == rules.LocalIdentifier))
            return BgpNotification.Open(BgpOpenSubcode.BadBgpIdentifier);
        return HoldTimeSeconds is 1 or 2 ? BgpNotification.Open(BgpOpenSubcode.UnacceptableHoldTime) : null;
    }

    private byte[] AsnOctets()
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(octets, Asn);
        return octets;
    }
}

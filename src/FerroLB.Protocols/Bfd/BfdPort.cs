namespace FerroLB.Protocols.Bfd;

/// <summary>Numbers of UDP and IP that BFD fixes (RFC 5881, 4 and 5; RFC 5883, 5).</summary>
public static class BfdPort
{
    /// <summary>The lowest source port of control packets.</summary>
    public const int FirstSource = 49_152;

    /// <summary>The highest source port of control packets.</summary>
    public const int LastSource = 65_535;

    /// <summary>TTL or hop limit of every packet sent.</summary>
    public const int TimeToLive = 255;

    /// <summary>TOS or traffic class of every packet sent: internetwork control.</summary>
    public const int TrafficClass = 0xC0;

    /// <summary>The destination port of a channel.</summary>
    public static int Of(BfdChannel channel) => channel switch
    {
        BfdChannel.SingleHop => 3784,
        BfdChannel.MultiHop => 4784,
        _ => 3785,
    };
}

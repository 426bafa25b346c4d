namespace FerroLB.Protocols.Ethernet;

/// <summary>What an Ethernet frame carries, by the IEEE's registry. Values below 0x0600 are lengths of 802.3 frames, not types.</summary>
public enum EtherType : ushort
{
    /// <summary>IPv4.</summary>
    IPv4 = 0x0800,

    /// <summary>Address Resolution Protocol (RFC 826).</summary>
    Arp = 0x0806,

    /// <summary>An 802.1Q customer tag follows.</summary>
    CustomerTag = 0x8100,

    /// <summary>IPv6.</summary>
    IPv6 = 0x86DD,

    /// <summary>An 802.1ad service tag follows.</summary>
    ServiceTag = 0x88A8,

    /// <summary>The service tag of equipment older than 802.1ad.</summary>
    LegacyServiceTag = 0x9100,
}

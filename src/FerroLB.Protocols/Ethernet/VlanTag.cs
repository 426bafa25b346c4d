namespace FerroLB.Protocols.Ethernet;

/// <summary>One 802.1Q or 802.1ad tag.</summary>
/// <param name="Protocol">The tag's EtherType.</param>
/// <param name="Control">The 16 bits of control information: priority, drop eligibility, VLAN identifier.</param>
public readonly record struct VlanTag(EtherType Protocol, ushort Control)
{
    /// <summary>Octets on the wire.</summary>
    public const int SizeBytes = 4;

    /// <summary>The VLAN, 1-4094; 0 for a frame that carries a priority only and belongs to the untagged network.</summary>
    public int VlanId => Control & 0x0FFF;

    /// <summary>The priority, 0-7.</summary>
    public int Priority => Control >> 13;

    /// <summary>Whether switches may drop the frame first.</summary>
    public bool IsDropEligible => (Control & 0x1000) != 0;

    /// <summary>Whether an EtherType announces a tag.</summary>
    public static bool IsTag(EtherType type) => type is EtherType.CustomerTag or EtherType.ServiceTag or EtherType.LegacyServiceTag;
}

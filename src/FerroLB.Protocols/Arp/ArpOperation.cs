namespace FerroLB.Protocols.Arp;

/// <summary>What an ARP packet asks or says (RFC 826 ar$op). Other values exist and are kept as numbers.</summary>
public enum ArpOperation : ushort
{
    /// <summary>Who has the target address?</summary>
    Request = 1,

    /// <summary>The sender has the sender address.</summary>
    Reply = 2,
}

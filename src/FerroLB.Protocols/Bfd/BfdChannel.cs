namespace FerroLB.Protocols.Bfd;

/// <summary>Which of BFD's UDP ports a datagram goes to or came to.</summary>
public enum BfdChannel : byte
{
    /// <summary>Control packets to a peer one hop away, port 3784 (RFC 5881).</summary>
    SingleHop,

    /// <summary>Control packets to a peer some hops away, port 4784 (RFC 5883).</summary>
    MultiHop,

    /// <summary>Echo packets, port 3785 (RFC 5881).</summary>
    Echo,
}

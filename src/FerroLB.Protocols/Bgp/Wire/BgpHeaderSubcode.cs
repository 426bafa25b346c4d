namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>What is wrong with a message header (RFC 4271 section 6.1).</summary>
public enum BgpHeaderSubcode : byte
{
    /// <summary>Nothing more precise.</summary>
    Unspecific = 0,

    /// <summary>The marker is not all ones.</summary>
    ConnectionNotSynchronized = 1,

    /// <summary>A length that the type does not allow; the data repeat it.</summary>
    BadMessageLength = 2,

    /// <summary>An unknown type; the data repeat it.</summary>
    BadMessageType = 3,
}

namespace FerroLB.Protocols.Bfd;

/// <summary>The state of one end of a session, by its number on the wire (RFC 5880, 4.1).</summary>
public enum BfdState : byte
{
    /// <summary>Held down by an operator; says nothing about the path.</summary>
    AdminDown = 0,

    /// <summary>Down, or just created.</summary>
    Down = 1,

    /// <summary>The other end is heard and does not hear us yet.</summary>
    Init = 2,

    /// <summary>Both ends hear each other.</summary>
    Up = 3,
}

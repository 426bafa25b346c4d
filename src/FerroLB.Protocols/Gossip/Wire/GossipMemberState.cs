namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>What is thought of a member.</summary>
public enum GossipMemberState : byte
{
    /// <summary>It is there.</summary>
    Alive = 0,

    /// <summary>Somebody got no sign of life; it may still refute that.</summary>
    Suspect = 1,

    /// <summary>It failed.</summary>
    Dead = 2,

    /// <summary>It left, and said so itself.</summary>
    Left = 3,
}

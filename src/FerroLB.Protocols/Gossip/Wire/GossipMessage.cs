using System.Collections.Generic;

namespace FerroLB.Protocols.Gossip.Wire;

/// <summary>A message between members. Octets are never changed after a message was made.</summary>
public abstract record GossipMessage
{
    /// <summary>Most octets of a member's data.</summary>
    public const int MostMetaBytes = 512;

    /// <summary>Most octets of a member's name.</summary>
    public const int MostNameBytes = 255;

    private GossipMessage()
    {
    }

    /// <summary>The first octet on the wire.</summary>
    public abstract GossipMessageType Type { get; }

    /// <summary>Asks for a sign of life.</summary>
    /// <param name="SequenceNumber">Comes back in the answer.</param>
    /// <param name="Node">The member that is meant; another does not answer. Empty for whoever is there.</param>
    /// <param name="Source">Where the answer shall go; null for where the question came from.</param>
    /// <param name="SourceNode">The member that asks; may be empty.</param>
    public sealed record Ping(uint SequenceNumber, string Node, GossipAddress? Source, string SourceNode) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.Ping;
    }

    /// <summary>Asks a member to ping a third one.</summary>
    /// <param name="SequenceNumber">Comes back in the answer.</param>
    /// <param name="Target">Where the third one listens; port 0 for where the one that is asked listens itself.</param>
    /// <param name="Node">Its name.</param>
    /// <param name="WantsNack">Whether silence shall be reported.</param>
    /// <param name="Source">Where the answer shall go; null for where the question came from.</param>
    /// <param name="SourceNode">The member that asks; may be empty.</param>
    public sealed record IndirectPing(
        uint SequenceNumber, GossipAddress Target, string Node, bool WantsNack, GossipAddress? Source, string SourceNode) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.IndirectPing;
    }

    /// <summary>Answers a ping.</summary>
    /// <param name="SequenceNumber">That of the ping.</param>
    /// <param name="Payload">Belongs to the program above memberlist.</param>
    public sealed record Ack(uint SequenceNumber, byte[] Payload) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.Ack;
    }

    /// <summary>An indirect ping got no answer in time.</summary>
    /// <param name="SequenceNumber">That of the indirect ping.</param>
    public sealed record Nack(uint SequenceNumber) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.Nack;
    }

    /// <summary>A stream's request could not be served.</summary>
    /// <param name="Text">Why.</param>
    public sealed record Error(string Text) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.Error;
    }

    /// <summary>Somebody got no sign of life from a member.</summary>
    /// <param name="Incarnation">The incarnation that is suspected.</param>
    /// <param name="Node">The member.</param>
    /// <param name="From">Who says so.</param>
    public sealed record Suspect(uint Incarnation, string Node, string From) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.Suspect;
    }

    /// <summary>A member is there.</summary>
    /// <param name="Incarnation">Its incarnation: it alone raises it, to refute what is said of it or to change what it states.</param>
    /// <param name="Node">Its name.</param>
    /// <param name="AddressBytes">Its address as it was sent, 4 or 16 octets: other members compare the octets.</param>
    /// <param name="Address">The same, read; port 0 for where the receiver listens itself.</param>
    /// <param name="Meta">Its data.</param>
    /// <param name="Versions">What it speaks.</param>
    /// <param name="HasVersions">Whether it stated that.</param>
    public sealed record Alive(
        uint Incarnation, string Node, byte[] AddressBytes, GossipAddress Address, byte[] Meta, GossipVersions Versions, bool HasVersions)
        : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.Alive;
    }

    /// <summary>A member failed, or left.</summary>
    /// <param name="Incarnation">The incarnation that is gone.</param>
    /// <param name="Node">The member.</param>
    /// <param name="From">Who says so; the member itself says that it left.</param>
    public sealed record Dead(uint Incarnation, string Node, string From) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.Dead;
    }

    /// <summary>Something for the program above memberlist; read and ignored.</summary>
    public sealed record User : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.User;
    }

    /// <summary>The whole picture that one member has of all.</summary>
    /// <param name="IsJoin">Whether the sender wants to join.</param>
    /// <param name="States">What it thinks of each member.</param>
    /// <param name="UserStateBytes">The length of the state of the program above, which is read and ignored.</param>
    public sealed record PushPull(bool IsJoin, IReadOnlyList<NodeState> States, int UserStateBytes) : GossipMessage
    {
        /// <inheritdoc/>
        public override GossipMessageType Type => GossipMessageType.PushPull;
    }

    /// <summary>What is thought of one member.</summary>
    /// <param name="State">Alive, suspect, dead or left.</param>
    /// <param name="Statement">What it last stated about itself.</param>
    public sealed record NodeState(GossipMemberState State, Alive Statement);
}

using System;
using System.Collections.Immutable;

namespace FerroLB.Protocols.Bgp.Wire;

/// <summary>One thing that a speaker can do, as an OPEN offers it (RFC 5492).</summary>
public abstract record BgpCapability
{
    /// <summary>The longest restart time, in seconds: its field has 12 bits.</summary>
    public const int MostRestartTimeSeconds = 4095;

    private BgpCapability()
    {
    }

    /// <summary>Its code on the wire.</summary>
    public abstract byte Code { get; }

    /// <summary>Routes of a family (RFC 4760 section 8).</summary>
    /// <param name="Family">The family.</param>
    public sealed record MultiProtocol(BgpFamily Family) : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.MultiProtocol;
    }

    /// <summary>Answers requests for all routes (RFC 2918).</summary>
    public sealed record RouteRefresh : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.RouteRefresh;
    }

    /// <summary>Marks begin and end of the answer (RFC 7313).</summary>
    public sealed record EnhancedRouteRefresh : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.EnhancedRouteRefresh;
    }

    /// <summary>Reads messages of up to 65535 octets (RFC 8654).</summary>
    public sealed record ExtendedMessage : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.ExtendedMessage;
    }

    /// <summary>Reads and writes AS numbers of four octets (RFC 6793).</summary>
    /// <param name="Asn">The sender's AS.</param>
    public sealed record FourOctetAs(uint Asn) : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.FourOctetAs;
    }

    /// <summary>Reads next hops of another family (RFC 8950).</summary>
    /// <param name="Encodings">Which.</param>
    public sealed record ExtendedNextHop(ImmutableArray<BgpNextHopEncoding> Encodings) : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.ExtendedNextHop;
    }

    /// <summary>What the sender is to the peer (RFC 9234).</summary>
    /// <param name="Value">The role; any octet may come from a peer.</param>
    public sealed record Role(BgpRole Value) : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.Role;
    }

    /// <summary>Graceful restart (RFC 4724, RFC 8538).</summary>
    /// <param name="IsRestarting">The R bit: the sender has restarted and does not wait for the peer's End-of-RIB marks.</param>
    /// <param name="SparesNotifications">The N bit: NOTIFICATIONs other than a hard reset begin a graceful restart, too (RFC 8538).</param>
    /// <param name="RestartTimeSeconds">How long the sender needs at most to come back: 0-4095.</param>
    /// <param name="Families">The families that the sender keeps forwarding; empty when it only helps others.</param>
    public sealed record GracefulRestart(
        bool IsRestarting, bool SparesNotifications, ushort RestartTimeSeconds, ImmutableArray<BgpGracefulFamily> Families) : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => (byte)BgpCapabilityCode.GracefulRestart;
    }

    /// <summary>One that is not understood, or one of a length that it cannot have: passed over (RFC 5492 section 3).</summary>
    /// <param name="UnknownCode">Its code.</param>
    /// <param name="Value">Its octets, at most 255.</param>
    public sealed record Unrecognized(byte UnknownCode, ReadOnlyMemory<byte> Value) : BgpCapability
    {
        /// <inheritdoc/>
        public override byte Code => UnknownCode;
    }
}

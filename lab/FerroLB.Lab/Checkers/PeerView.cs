using System.Collections.Generic;
using System.Linq;
using System.Text.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Checkers;

/// <summary>A BGPPeer as the checkers see it.</summary>
public sealed class PeerView
{
    internal PeerView(JsonElement peer)
    {
        var spec = peer.Field("spec");
        Name = peer.Field("metadata").Field("name").Text() ?? "";
        Address = AddressText.Read(spec.Field("peerAddress").Text());
        NodeSelectors = SelectorView.ReadList(spec.Field("nodeSelectors"));
        PresentedAsn = Asn(spec.Field("localASN")) ?? Asn(spec.Field("myASN")) ?? 0;
        PeerAsn = Asn(spec.Field("peerASN")) ?? 0;
        IsDualStack = spec.Field("dualStackAddressFamily").Flag() ?? false;
        IsValid = spec.Field("holdTime").Text() is not ("1s" or "2s");
        Fingerprint = spec?.GetRawText() ?? "";
    }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>Whether the workload's kind of mistake is absent.</summary>
    public bool IsValid { get; }

    /// <summary>The router's address.</summary>
    public IpAddress? Address { get; }

    /// <summary>The nodes that hold a session; empty for all.</summary>
    public IReadOnlyList<SelectorView> NodeSelectors { get; }

    /// <summary>The AS that the node presents.</summary>
    public uint PresentedAsn { get; }

    /// <summary>The router's AS.</summary>
    public uint PeerAsn { get; }

    /// <summary>Whether both families go over the session.</summary>
    public bool IsDualStack { get; }

    /// <summary>Everything that a session depends on, as one text.</summary>
    public string Fingerprint { get; }

    /// <summary>Whether a node holds a session with it.</summary>
    public bool Covers(NodeView node) => NodeSelectors.Count == 0 || NodeSelectors.Any(selector => selector.Matches(node.Labels));

    private static uint? Asn(JsonElement? number) =>
        number is { ValueKind: JsonValueKind.Number } value && value.TryGetUInt32(out var asn) && asn > 0 ? asn : null;
}

using System.Collections.Generic;
using System.Globalization;
using FerroLB.Core.Status;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ndp;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line of the link loop.</summary>
internal static class LinkLog
{
    public static LogEvent LinkListed(LinkUse use) => new(
        LogLevel.Info,
        use.IsUsable ? "interface is used for layer 2" : "interface is not used for layer 2",
        new("interface", use.Link.Name),
        new("index", use.Link.Index.ToString(CultureInfo.InvariantCulture)),
        new("mac", use.Link.Mac.ToString()),
        new("reason", ReasonText(use.Usability)));

    public static LogEvent LinkGone(LinkUse use) => new(
        LogLevel.Info,
        "interface is gone",
        new("interface", use.Link.Name),
        new("index", use.Link.Index.ToString(CultureInfo.InvariantCulture)));

    public static LogEvent Announcing(OwnedAddress owned) => new(
        LogLevel.Info,
        "announcing address by layer 2",
        new("ip", owned.Address.ToString()),
        new("interfaces", InterfacesText(owned.Interfaces)));

    public static LogEvent Withdrawn(IpAddress address) => new(
        LogLevel.Info, "no longer announcing address by layer 2", new LogField("ip", address.ToString()));

    public static LogEvent Yielding(IpAddress address) => new(
        LogLevel.Info,
        "another node announces the address from now on; answering for it until that node is heard",
        new LogField("ip", address.ToString()));

    public static LogEvent Released(IpAddress address, string interfaceName, MacAddress mac) => new(
        LogLevel.Info,
        interfaceName.Length > 0
            ? "no longer answering for the address: its new owner was heard"
            : "no longer answering for the address: its new owner was not heard in time",
        new("ip", address.ToString()),
        new("interface", interfaceName),
        new("mac", mac == MacAddress.Zero ? "" : mac.ToString()));

    public static LogEvent ConflictBegan(AddressConflict conflict) => new(
        LogLevel.Warn,
        "another host claims an address that this node announces; find the host by its MAC and take the address from it, or take the " +
            "address out of the pool",
        new("ip", conflict.Address.ToString()),
        new("interface", conflict.Interface),
        new("mac", conflict.Mac.ToString()));

    public static LogEvent ConflictEnded(AddressConflict conflict) => new(
        LogLevel.Info,
        "the other host no longer claims the address",
        new("ip", conflict.Address.ToString()),
        new("interface", conflict.Interface),
        new("mac", conflict.Mac.ToString()));

    public static LogEvent NoInterface(OwnedAddress owned) => new(
        LogLevel.Warn,
        owned.Address.IsIPv4
            ? "no usable interface announces the address; name an existing one in the L2Advertisement's interfaces, or bring it up"
            : "no usable interface with an IPv6 link-local address announces the address; name one in the L2Advertisement's interfaces, " +
                "bring it up, or switch IPv6 on for it",
        new("ip", owned.Address.ToString()),
        new("interfaces", InterfacesText(owned.Interfaces)));

    public static LogEvent LinesLost(long count) => new(
        LogLevel.Warn,
        "log lines were lost because too many were waiting",
        new LogField("count", count.ToString(CultureInfo.InvariantCulture)));

    public static LogEvent FrameJudged(in ArpVerdict verdict, string interfaceName) => new(
        LogLevel.Debug,
        verdict.Reason == ArpDropReason.None ? "got ARP request for service IP, sending response" : "ARP frame not answered",
        new("interface", interfaceName),
        new("ip", verdict.Packet.TargetAddress.ToString()),
        new("senderIP", verdict.Packet.SenderAddress.ToString()),
        new("senderMAC", verdict.Packet.SenderMac.ToString()),
        new("reason", ReasonText(verdict.Reason)));

    public static LogEvent FrameJudged(in NdpVerdict verdict, string interfaceName) => new(
        LogLevel.Debug,
        verdict.Reason == NdpDropReason.None ? "got NDP request for service IP, sending response" : "NDP frame not answered",
        new("interface", interfaceName),
        new("ip", verdict.Packet.Target.ToString()),
        new("senderIP", verdict.Packet.Source.ToString()),
        new("senderMAC", verdict.Packet.LinkLayerAddress?.ToString() ?? ""),
        new("reason", ReasonText(verdict.Reason)));

    /// <summary>The name of a drop reason, in the words that operators of layer-2 load balancers know.</summary>
    public static string ReasonText(ArpDropReason reason) => reason switch
    {
        ArpDropReason.None => "",
        ArpDropReason.UnknownLink => "interface not used",
        ArpDropReason.Malformed => "malformed",
        ArpDropReason.NotArp => "not ARP",
        ArpDropReason.VlanTag => "VLAN tag",
        ArpDropReason.ArpReply => "ARP reply",
        ArpDropReason.EthernetDestination => "ethernet destination",
        ArpDropReason.AnnounceIp => "announce IP",
        _ => "interface mismatch",
    };

    /// <summary>The name of a drop reason.</summary>
    public static string ReasonText(NdpDropReason reason) => reason switch
    {
        NdpDropReason.None => "",
        NdpDropReason.UnknownLink => "interface not used",
        NdpDropReason.Malformed => "malformed",
        NdpDropReason.NotNdp => "not NDP",
        NdpDropReason.VlanTag => "VLAN tag",
        NdpDropReason.HopLimit => "hop limit",
        NdpDropReason.Advertisement => "not a neighbor solicitation",
        NdpDropReason.NoSourceLinkLayerAddress => "no source link-layer address",
        NdpDropReason.Destination => "destination",
        NdpDropReason.AnnounceIp => "announce IP",
        _ => "interface mismatch",
    };

    public static string ReasonText(LinkUsability usability) => usability switch
    {
        LinkUsability.Usable => "",
        LinkUsability.NotUp => "it is administratively down",
        LinkUsability.Enslaved => "it belongs to a bond, a bridge or a VRF",
        LinkUsability.NoArp => "address resolution is off (NOARP)",
        LinkUsability.NoBroadcast => "it cannot broadcast",
        _ => "it has no 48-bit hardware address",
    };

    private static string InterfacesText(IReadOnlyList<string>? interfaces) => interfaces is null ? "all" : string.Join(",", interfaces);
}

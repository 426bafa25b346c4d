using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Config;

/// <summary>
/// Turns a BGPPeer as written into a <see cref="PeerConfig"/>; what concerns other peers is judged in <see cref="PeerArena"/>. Refused is
/// everything that no session could be held with.
/// </summary>
/// <param name="profiles">The BFD profiles in force, by name.</param>
/// <param name="secrets">The Secrets by name; null where they are not read.</param>
internal sealed class PeerCompiler(
    IReadOnlyDictionary<string, BfdProfileConfig> profiles, IReadOnlyDictionary<string, Secret>? secrets)
{
    private const int StandardPort = 179;
    private const int HighestPort = 16384;
    private const int MostHops = 254;
    private const string AsnRange = "is not between 1 and 4294967295";

    /// <summary>Returns the peer, or null with at least one fault.</summary>
    public PeerConfig? Compile(BgpPeer source, FaultList faults)
    {
        var spec = source.Spec ?? new();
        var peer = new PeerConfig(source.Key.Name)
        {
            MyAsn = Asn(spec.MyAsn ?? 0, "spec.myASN", faults) ?? 0,
            Port = Port(spec, faults),
            Vrf = spec.Vrf ?? "",
            RouterId = RouterId(spec, faults),
            NodeSelectors = SelectorCompiler.CompileList(spec.NodeSelectors, "spec.nodeSelectors", faults),
            Password = Password(spec, faults),
            BfdProfile = BfdProfile(spec, faults),
            GracefulRestart = spec.EnableGracefulRestart ?? false,
            EbgpMultiHop = spec.EbgpMultiHop ?? false,
            DualStack = spec.DualStackAddressFamily ?? false,
            IsPassive = FerrolbAnnotations.Flag(source, FerrolbAnnotations.Passive, faults),
            TtlSecurityHops = (int?)FerrolbAnnotations.Number(source, FerrolbAnnotations.TtlSecurityHops, 1, MostHops, faults),
        };
        peer = WithAsns(WithTarget(peer, spec, faults), spec, faults);
        if (peer is { TtlSecurityHops: not null, EbgpMultiHop: true })
            faults.Add(
                $"metadata.annotations[{FerrolbAnnotations.TtlSecurityHops}]", $"{peer.TtlSecurityHops}",
                "is set together with spec.ebgpMultiHop", "Keep one of the two: the annotation allows several hops by itself");
        var timers = PeerTimers.Compile(spec, faults);
        return faults.IsEmpty
            ? peer with { HoldTime = timers.Hold, KeepaliveTime = timers.Keepalive, ConnectTime = timers.Connect }
            : null;
    }

    private static PeerConfig WithTarget(PeerConfig peer, BgpPeerSpec spec, FaultList faults)
    {
        const string remedy = "Set exactly one of spec.peerAddress and spec.interface";
        var (address, link) = (spec.PeerAddress ?? "", spec.Interface ?? "");
        if (address.Length == 0 && link.Length == 0)
            faults.Add("spec.peerAddress", "", "is missing, and so is spec.interface", remedy);
        else if (address.Length > 0 && link.Length > 0)
            faults.Add("spec.interface", link, $"is set together with spec.peerAddress \"{address}\"", remedy);
        var target = Address(spec.PeerAddress, "spec.peerAddress", faults);
        var source = Address(spec.SourceAddress, "spec.sourceAddress", faults);
        if (target is { } to && source is { } from && to.Family != from.Family)
            faults.Add(
                "spec.sourceAddress", spec.SourceAddress!, $"is not of the same address family as spec.peerAddress \"{spec.PeerAddress}\"",
                "Use an address of the peer's family, or leave it out");
        return peer with { Address = target, Interface = link.Length == 0 ? null : link, SourceAddress = source };
    }

    private static PeerConfig WithAsns(PeerConfig peer, BgpPeerSpec spec, FaultList faults)
    {
        const string remedy = "Set exactly one of spec.peerASN and spec.dynamicASN";
        var mode = spec.DynamicAsn ?? "";
        var hasNumber = spec.PeerAsn is not (null or 0);
        if (!hasNumber && mode.Length == 0)
            faults.Add("spec.peerASN", "", "is missing, and so is spec.dynamicASN", remedy);
        else if (hasNumber && mode.Length > 0)
            faults.Add("spec.dynamicASN", mode, $"is set together with spec.peerASN {Text(spec.PeerAsn!.Value)}", remedy);
        else if (mode is not ("" or "internal" or "external"))
            faults.Add("spec.dynamicASN", mode, "is neither \"internal\" nor \"external\"", "Use one of the two");
        var peerAsn = hasNumber ? Asn(spec.PeerAsn!.Value, "spec.peerASN", faults) : null;
        if (peerAsn is not null && peerAsn == peer.MyAsn && peer.EbgpMultiHop)
            faults.Add(
                "spec.ebgpMultiHop", "true", $"is set, but spec.peerASN {Text(peerAsn.Value)} is the same as spec.myASN",
                "Remove it: a peer in the same AS may be any number of hops away");
        return peer with
        {
            PeerAsn = peerAsn,
            LocalAsn = spec.LocalAsn is { } local ? Asn(local, "spec.localASN", faults) : null,
            DynamicAsn = mode switch { "internal" => DynamicAsn.Internal, "external" => DynamicAsn.External, _ => null },
        };
    }

    private static uint? Asn(long number, string field, FaultList faults)
    {
        if (number is > 0 and <= uint.MaxValue)
            return (uint)number;
        faults.Add(field, Text(number), AsnRange, "Set it to an AS number");
        return null;
    }

    private static int Port(BgpPeerSpec spec, FaultList faults)
    {
        // Old objects have 0 for the standard port.
        var port = spec.PeerPort is null or 0 ? StandardPort : spec.PeerPort.Value;
        if (port is < 1 or > HighestPort)
            faults.Add("spec.peerPort", Text(port), $"is not between 1 and {HighestPort}", "Correct the port");
        return port;
    }

    private static IpAddress? Address(string? text, string field, FaultList faults)
    {
        if (string.IsNullOrEmpty(text))
            return null;
        const string remedy = "Write one IPv4 or IPv6 address";
        if (!IpAddress.TryParse(text, out var address))
            faults.Add(field, text, "is not an IP address", remedy);
        else if (address.IsUnspecified || IsForMany(address))
            faults.Add(field, text, "is not the address of one host", remedy);
        else
            return address;
        return null;
    }

    private static bool IsForMany(IpAddress address) => address.IsIPv4
        ? address.Value >> 28 == 0xE || address.Value == uint.MaxValue
        : address.Value >> 120 == 0xFF;

    private static IpAddress? RouterId(BgpPeerSpec spec, FaultList faults)
    {
        if (string.IsNullOrEmpty(spec.RouterId))
            return null;
        if (IpAddress.TryParse(spec.RouterId, out var id) && id.IsIPv4 && !id.IsUnspecified)
            return id;
        faults.Add("spec.routerID", spec.RouterId, "is not an IPv4 address other than 0.0.0.0", "Write an IPv4 address, or leave it out");
        return null;
    }

    private BfdProfileConfig? BfdProfile(BgpPeerSpec spec, FaultList faults)
    {
        if (string.IsNullOrEmpty(spec.BfdProfile))
            return null;
        if (!profiles.TryGetValue(spec.BfdProfile, out var profile))
            faults.AddMissing(
                "spec.bfdProfile", spec.BfdProfile, "names no valid BFDProfile", "Create the profile, or correct the name");
        return profile;
    }

    private SessionPassword? Password(BgpPeerSpec spec, FaultList faults)
    {
        var (text, name) = (spec.Password ?? "", spec.PasswordSecretName ?? "");
        if (text.Length > 0 && name.Length > 0)
            faults.Add("spec.passwordSecret.name", name, "is set together with spec.password", "Set at most one of the two");
        if (name.Length > 0)
            return SecretPassword(name, faults);
        if (text.Length == 0)
            return null;
        if (Encoding.UTF8.GetByteCount(text) > SessionPassword.LongestBytes)
            faults.Add("spec.password", "", $"is longer than {SessionPassword.LongestBytes} bytes", "Use a shorter password");
        return SessionPassword.Inline(secrets is null ? null : text);
    }

    private SessionPassword? SecretPassword(string name, FaultList faults)
    {
        const string type = "kubernetes.io/basic-auth";
        const string field = "spec.passwordSecret.name";
        if (secrets is null)
            return SessionPassword.FromSecret(name, null);
        if (!secrets.TryGetValue(name, out var secret))
            faults.AddMissing(field, name, "names no Secret in the namespace of the peer", "Create the Secret, or correct the name");
        else if (secret.Type != type)
            faults.Add(field, name, $"names a Secret of type \"{secret.Type}\"", $"Create it again with type {type}");
        else if (Decode(secret) is not { Length: > 0 } text)
            faults.Add(field, name, "names a Secret without an entry \"password\"", "Add the entry to the Secret");
        else if (Encoding.UTF8.GetByteCount(text) > SessionPassword.LongestBytes)
            faults.Add(
                field, name, $"names a Secret whose password is longer than {SessionPassword.LongestBytes} bytes",
                "Use a shorter password");
        else
            return SessionPassword.FromSecret(name, text);
        return null;
    }

    private static string? Decode(Secret secret)
    {
        if (secret.Data is not { } data || !data.TryGetValue("password", out var base64))
            return null;
        var bytes = new byte[base64.Length];
        return Convert.TryFromBase64String(base64, bytes, out var length) ? Encoding.UTF8.GetString(bytes, 0, length) : null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

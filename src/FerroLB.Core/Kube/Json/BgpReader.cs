using System.Collections.Generic;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>Reads the metallb.io kinds about BGP and BFD, and those that FerroLB writes itself.</summary>
internal static class BgpReader
{
    public static BgpAdvertisement ReadAdvertisement(JsonView view) => new()
    {
        Metadata = CoreReader.ReadMeta(view),
        Spec = view.Object("spec") is not { } spec ? null : new BgpAdvertisementSpec
        {
            AggregationLength = spec.Int32("aggregationLength"),
            AggregationLengthV6 = spec.Int32("aggregationLengthV6"),
            LocalPref = spec.Int64("localPref"),
            Communities = spec.Strings("communities"),
            IpAddressPools = spec.Strings("ipAddressPools"),
            IpAddressPoolSelectors = spec.List("ipAddressPoolSelectors", MetallbReader.ReadSelector),
            NodeSelectors = spec.List("nodeSelectors", MetallbReader.ReadSelector),
            ServiceSelectors = spec.List("serviceSelectors", MetallbReader.ReadSelector),
            Peers = spec.Strings("peers"),
        },
    };

    public static BgpPeer ReadPeer(JsonView view) => new()
    {
        Metadata = CoreReader.ReadMeta(view),
        Spec = view.Object("spec") is not { } spec ? null : new BgpPeerSpec
        {
            MyAsn = spec.Int64("myASN"),
            PeerAsn = spec.Int64("peerASN"),
            DynamicAsn = spec.String("dynamicASN"),
            LocalAsn = spec.Int64("localASN"),
            PeerAddress = spec.String("peerAddress"),
            Interface = spec.String("interface"),
            SourceAddress = spec.String("sourceAddress"),
            PeerPort = spec.Int32("peerPort"),
            HoldTime = spec.String("holdTime"),
            KeepaliveTime = spec.String("keepaliveTime"),
            ConnectTime = spec.String("connectTime"),
            RouterId = spec.String("routerID"),
            NodeSelectors = spec.List("nodeSelectors", MetallbReader.ReadSelector),
            Password = spec.String("password"),
            PasswordSecretName = spec.Object("passwordSecret")?.String("name"),
            BfdProfile = spec.String("bfdProfile"),
            EnableGracefulRestart = spec.Boolean("enableGracefulRestart"),
            EbgpMultiHop = spec.Boolean("ebgpMultiHop"),
            Vrf = spec.String("vrf"),
            DisableMP = spec.Boolean("disableMP"),
            DualStackAddressFamily = spec.Boolean("dualStackAddressFamily"),
        },
    };

    public static BfdProfile ReadBfdProfile(JsonView view)
    {
        var spec = view.Object("spec");
        return new BfdProfile
        {
            Metadata = CoreReader.ReadMeta(view),
            ReceiveIntervalMilliseconds = spec?.Int32("receiveInterval"),
            TransmitIntervalMilliseconds = spec?.Int32("transmitInterval"),
            DetectMultiplier = spec?.Int32("detectMultiplier"),
            EchoIntervalMilliseconds = spec?.Int32("echoInterval"),
            EchoMode = spec?.Boolean("echoMode"),
            PassiveMode = spec?.Boolean("passiveMode"),
            MinimumTtl = spec?.Int32("minimumTtl"),
        };
    }

    public static Community ReadCommunity(JsonView view) => new()
    {
        Metadata = CoreReader.ReadMeta(view),
        Aliases = view.Object("spec")?.List(
            "communities", alias => new CommunityAlias(alias.String("name") ?? "", alias.String("value") ?? "")) ?? [],
    };

    public static ServiceL2Status ReadServiceL2Status(JsonView view)
    {
        var status = view.Object("status");
        return new ServiceL2Status
        {
            Metadata = ReadStatusMeta(view),
            OwnerUids = ReadOwnerUids(view),
            Node = status?.String("node"),
            ServiceName = status?.String("serviceName"),
            ServiceNamespace = status?.String("serviceNamespace"),
            Interfaces = status?.List("interfaces", item => item.String("name") ?? "") ?? [],
        };
    }

    public static ServiceBgpStatus ReadServiceBgpStatus(JsonView view)
    {
        var status = view.Object("status");
        return new ServiceBgpStatus
        {
            Metadata = ReadStatusMeta(view),
            OwnerUids = ReadOwnerUids(view),
            Node = status?.String("node"),
            ServiceName = status?.String("serviceName"),
            ServiceNamespace = status?.String("serviceNamespace"),
            Peers = status?.Strings("peers") ?? [],
        };
    }

    public static ConfigurationState ReadConfigurationState(JsonView view)
    {
        var status = view.Object("status");
        return new ConfigurationState
        {
            Metadata = CoreReader.ReadMeta(view),
            OwnerUids = ReadOwnerUids(view),
            Result = status?.String("result"),
            ErrorSummary = status?.String("errorSummary"),
            Conditions = status?.List("conditions", CoreReader.ReadCondition) ?? [],
        };
    }

    // Their names are drawn at random, so that a UID tells no more; and there are as many of them as Services.
    private static ObjectMeta ReadStatusMeta(JsonView view) => CoreReader.ReadMeta(view) with { Uid = null };

    public static IReadOnlyList<string> ReadOwnerUids(JsonView view) =>
        view.Object("metadata")?.List("ownerReferences", owner => owner.String("uid") ?? "") ?? [];
}

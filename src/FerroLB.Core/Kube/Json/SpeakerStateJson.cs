using System;
using System.Text.Json;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Kube.Json;

/// <summary>Reads and writes SpeakerState objects.</summary>
internal static class SpeakerStateJson
{
    public static SpeakerState Read(JsonView view) => new()
    {
        Metadata = CoreReader.ReadMeta(view),
        OwnerUids = BgpReader.ReadOwnerUids(view),
        Status = view.Object("status") is { } status ? ReadStatus(status) : null,
    };

    /// <summary>A merge patch on speakerstates/status that replaces all that is said.</summary>
    public static ReadOnlyMemory<byte> Patch(ObjectMeta seen, SpeakerStateStatus status) => KubePatch.Status(seen, json =>
    {
        json.WriteString("node", status.Node);
        json.WriteNumber("ownedAddressCount", status.OwnedAddressCount);
        KubePatch.WriteStrings(json, "ownedAddresses", status.OwnedAddresses);
        json.WriteNumber("livingMemberCount", status.LivingMemberCount);
        json.WriteString("usableInterfaces", status.UsableInterfaces);
        KubePatch.WriteList(json, "interfaces", status.Interfaces, WriteInterface);
        KubePatch.WriteList(json, "members", status.Members, WriteMember);
        KubePatch.WriteList(json, "conflicts", status.Conflicts, WriteConflict);
        KubePatch.WriteList(json, "sessions", status.Sessions, WriteSession);
    });

    private static SpeakerStateStatus ReadStatus(JsonView status) => new()
    {
        Node = status.String("node") ?? "",
        OwnedAddressCount = status.Int32("ownedAddressCount") ?? 0,
        OwnedAddresses = status.Strings("ownedAddresses") ?? [],
        LivingMemberCount = status.Int32("livingMemberCount") ?? 0,
        Interfaces = status.List("interfaces", ReadInterface) ?? [],
        Members = status.List("members", item => new SpeakerMember(item.String("name") ?? "", item.String("state") ?? "")) ?? [],
        Conflicts = status.List("conflicts", ReadConflict) ?? [],
        Sessions = status.List("sessions", ReadSession) ?? [],
    };

    private static SpeakerInterface ReadInterface(JsonView item) => new(
        item.String("name") ?? "", item.Boolean("usable") ?? false, item.Boolean("usableForIPv6") ?? false, item.String("reason") ?? "");

    private static SpeakerConflict ReadConflict(JsonView item) =>
        new(item.String("address") ?? "", item.String("interface") ?? "", item.String("mac") ?? "");

    private static SpeakerSession ReadSession(JsonView item) => new(
        item.String("peer") ?? "", item.String("state") ?? "", item.Time("since"), item.String("lastError"),
        item.Int32("prefixesSent") ?? 0, item.String("bfdState"));

    private static void WriteInterface(Utf8JsonWriter json, SpeakerInterface item)
    {
        json.WriteString("name", item.Name);
        json.WriteBoolean("usable", item.IsUsable);
        json.WriteBoolean("usableForIPv6", item.IsUsableForIpv6);
        if (item.Reason.Length > 0)
            json.WriteString("reason", item.Reason);
    }

    private static void WriteMember(Utf8JsonWriter json, SpeakerMember item)
    {
        json.WriteString("name", item.Name);
        json.WriteString("state", item.State);
    }

    private static void WriteConflict(Utf8JsonWriter json, SpeakerConflict item)
    {
        json.WriteString("address", item.Address);
        json.WriteString("interface", item.Interface);
        json.WriteString("mac", item.Mac);
    }

    private static void WriteSession(Utf8JsonWriter json, SpeakerSession item)
    {
        json.WriteString("peer", item.Peer);
        json.WriteString("state", item.State);
        if (item.Since is { } since)
            json.WriteString("since", KubePatch.Rfc3339(since));
        if (item.LastError is { } error)
            json.WriteString("lastError", error);
        json.WriteNumber("prefixesSent", item.PrefixesSent);
        if (item.BfdState is { } state)
            json.WriteString("bfdState", state);
    }
}

using System;
using System.Collections.Generic;
using System.Text.Json;

namespace FerroLB.Protocols.Gossip;

/// <summary>
/// MetalLB's JSON file of tuning values. It replaces the LAN and WAN values as a whole: every duration must be there, as text in Go's form;
/// a number or a truth value that is absent is 0 or false. Unlike MetalLB, a name that nobody knows is refused, since it is a typing error
/// that would silently become 0.
/// </summary>
public static class GossipTuningFile
{
    private static readonly string[] Durations =
        ["TCPTimeout", "PushPullInterval", "ProbeTimeout", "ProbeInterval", "GossipInterval", "GossipToTheDeadTime", "QueueCheckInterval"];

    private static readonly string[] Numbers =
    [
        "IndirectChecks", "RetransmitMult", "SuspicionMult", "SuspicionMaxTimeoutMult", "AwarenessMaxMultiplier", "GossipNodes",
        "HandoffQueueDepth", "UDPBufferSize",
    ];

    private static readonly string[] Flags = ["DisableTcpPings", "GossipVerifyIncoming", "GossipVerifyOutgoing", "EnableCompression"];

    /// <summary>Reads the file; on failure <paramref name="error"/> names the key and says what is wrong with it.</summary>
    public static bool TryParse(ReadOnlyMemory<byte> json, out GossipTuning tuning, out string error)
    {
        tuning = GossipTuning.Lan;
        var durations = new SortedDictionary<string, TimeSpan>(StringComparer.Ordinal);
        var numbers = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var flags = new SortedDictionary<string, bool>(StringComparer.Ordinal);
        error = "";
        try
        {
            using var document = JsonDocument.Parse(json);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                error = "the file must hold one JSON object";
            else
                error = Read(document.RootElement, durations, numbers, flags);
        }
        catch (JsonException e)
        {
            error = $"the file is not JSON: {e.Message}";
        }
        if (error.Length > 0)
            return false;
        tuning = Make(durations, numbers, flags);
        return true;
    }

    private static string Read(
        JsonElement root,
        SortedDictionary<string, TimeSpan> durations,
        SortedDictionary<string, int> numbers,
        SortedDictionary<string, bool> flags)
    {
        foreach (var property in root.EnumerateObject())
        {
            // Go's decoder takes names in any case.
            if (Find(Durations, property.Name) is { } duration)
            {
                if (property.Value.ValueKind != JsonValueKind.String || !GoDuration.TryParse(property.Value.GetString()!, out var value))
                    return $"{duration}: {property.Value.GetRawText()} is not a duration; write it as in \"500ms\" or \"10s\"";
                durations[duration] = value;
            }
            else if (Find(Numbers, property.Name) is { } number)
            {
                if (property.Value.ValueKind != JsonValueKind.Number || !property.Value.TryGetInt32(out var value) || value < 0)
                    return $"{number}: {property.Value.GetRawText()} is not a whole number from 0 to {int.MaxValue}";
                numbers[number] = value;
            }
            else if (Find(Flags, property.Name) is { } flag)
            {
                if (property.Value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
                    return $"{flag}: {property.Value.GetRawText()} is neither true nor false";
                flags[flag] = property.Value.GetBoolean();
            }
            else
                return $"{property.Name}: no such value; known are {string.Join(", ", [.. Durations, .. Numbers, .. Flags])}";
        }
        foreach (var name in Durations)
        {
            if (!durations.ContainsKey(name))
                return $"{name}: is missing; every duration must be given";
        }
        return Check(durations, numbers);
    }

    private static string Check(SortedDictionary<string, TimeSpan> durations, SortedDictionary<string, int> numbers)
    {
        foreach (var name in new[] { "TCPTimeout", "ProbeTimeout", "ProbeInterval" })
        {
            if (durations[name] < TimeSpan.FromMilliseconds(1))
                return $"{name}: must be at least 1ms";
        }
        return numbers.GetValueOrDefault("UDPBufferSize") is 0 or (>= 576 and <= 65_000)
            ? ""
            : "UDPBufferSize: must be 576 to 65000 octets, or absent for 1400";
    }

    private static GossipTuning Make(
        SortedDictionary<string, TimeSpan> durations, SortedDictionary<string, int> numbers, SortedDictionary<string, bool> flags) => new()
        {
            TcpTimeout = durations["TCPTimeout"],
            IndirectChecks = numbers.GetValueOrDefault("IndirectChecks"),
            RetransmitMult = numbers.GetValueOrDefault("RetransmitMult"),
            SuspicionMult = numbers.GetValueOrDefault("SuspicionMult"),
            SuspicionMaxTimeoutMult = numbers.GetValueOrDefault("SuspicionMaxTimeoutMult"),
            PushPullInterval = durations["PushPullInterval"],
            ProbeTimeout = durations["ProbeTimeout"],
            ProbeInterval = durations["ProbeInterval"],
            DisableTcpPings = flags.GetValueOrDefault("DisableTcpPings"),
            AwarenessMaxMultiplier = numbers.GetValueOrDefault("AwarenessMaxMultiplier"),
            GossipNodes = numbers.GetValueOrDefault("GossipNodes"),
            GossipInterval = durations["GossipInterval"],
            GossipToTheDeadTime = durations["GossipToTheDeadTime"],
            GossipVerifyIncoming = flags.GetValueOrDefault("GossipVerifyIncoming"),
            GossipVerifyOutgoing = flags.GetValueOrDefault("GossipVerifyOutgoing"),
            EnableCompression = flags.GetValueOrDefault("EnableCompression"),
            HandoffQueueDepth = numbers.GetValueOrDefault("HandoffQueueDepth"),
            UdpBufferSize = numbers.GetValueOrDefault("UDPBufferSize") is > 0 and var size ? size : GossipTuning.Lan.UdpBufferSize,
            QueueCheckInterval = durations["QueueCheckInterval"],
        };

    private static string? Find(string[] names, string name) =>
        Array.Find(names, known => string.Equals(known, name, StringComparison.OrdinalIgnoreCase));
}

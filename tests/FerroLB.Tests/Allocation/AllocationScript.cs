using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Allocation;
using FerroLB.Core.Kube.Objects;
using FerroLB.Protocols.Primitives;
using Xunit;
using static FerroLB.Tests.Config.ConfigObjects;

namespace FerroLB.Tests.Allocation;

/// <summary>
/// Runs a story about an allocator, one step per line or semicolon:
/// <list type="bullet">
/// <item><c>pools p 10.0.0.0/24 1000::/64 | q 10.0.1.0/24 manual buggy ns=a label=app=b first=1</c> sets the pools;</item>
/// <item><c>s1 @10.0.0.1,1000::1 -> 10.0.0.1 1000::1</c> gives a Service these addresses;</item>
/// <item><c>s1 ? -> 10.0.0.0</c> lets it have any, <c>s1 ?p -></c> any of a pool, <c>s1 ask=10.0.0.1 ? -></c> those it asks for;</item>
/// <item><c>s1 ! -> none</c> takes them away; <c>s1 -> none</c> only looks;</item>
/// <item><c>count p -> 256 1, 0 0</c> compares capacity and use of IPv4 and IPv6.</item>
/// </list>
/// A Service is described anew in each step: port=80 key=k backend=b fam=46 policy=require ns=a label=app=b.
/// </summary>
internal sealed class AllocationScript
{
    private readonly Allocator _allocator = new();

    public static void Run(string title, string story)
    {
        var script = new AllocationScript();
        foreach (var step in story.Split([';', '\n'], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
            script.Step($"{title}: {step}", step);
    }

    private void Step(string where, string step)
    {
        if (step.StartsWith("pools ", StringComparison.Ordinal))
        {
            var pools = step["pools ".Length..].Split('|', StringSplitOptions.TrimEntries);
            _allocator.SetPools(AllocationSteps.PoolsOf([.. pools.Select(PoolOf)]));
            return;
        }
        var parts = step.Split("->", StringSplitOptions.TrimEntries);
        var words = parts[0].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var answer = words[0] == "count" ? Count(words[1]) : Answer(words);
        Assert.Equal((where, parts[1]), (where, answer));
    }

    private string Count(string pool) => _allocator.CountersOf(pool) is { } counters
        ? $"{counters.CapacityIPv4} {counters.AssignedIPv4}, {counters.CapacityIPv6} {counters.AssignedIPv6}"
        : "none";

    private string Answer(string[] words)
    {
        var request = RequestOf(words);
        switch (words[^1])
        {
            case "!":
                _allocator.Release(request.Service);
                break;
            case ['?', .. var pool]:
                return _allocator.Allocate(request with { PoolName = pool.Length > 0 ? pool : null }).Text();
            case ['@', .. var addresses]:
                return _allocator.Assign(request, [.. addresses.Split(',').Select(IpAddress.Parse)]).Text();
        }
        return _allocator.Find(request.Service) is { } held ? string.Join(' ', held.Addresses) : "none";
    }

    private static AllocationRequest RequestOf(string[] words)
    {
        var families = Option(words, "fam") is { Length: > 0 } text
            ? [.. text.Select(digit => digit == '4' ? AddressFamily.IPv4 : AddressFamily.IPv6)]
            : AllocationSteps.V4;
        return new AllocationRequest(new(Option(words, "ns", "ns"), words[0]))
        {
            Families = families,
            Policy = Enum.Parse<FamilyPolicy>(Option(words, "policy", families.Length == 2 ? "PreferDualStack" : "SingleStack")),
            Labels = Option(words, "label") is { Length: > 0 } label ? Labels(label) : Labels(),
            SharingKey = Option(words, "key"),
            BackendKey = Option(words, "backend"),
            Ports = [.. Option(words, "port", "80").Split(',').Select(port => new AllocationPort("TCP", int.Parse(port, null)))],
            RequestedAddresses = Option(words, "ask") is { Length: > 0 } ask ? [.. ask.Split(',').Select(IpAddress.Parse)] : [],
        };
    }

    private static KubeObject PoolOf(string text)
    {
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var isPinned = words.Any(word => word.StartsWith("ns=", StringComparison.Ordinal) ||
            word.StartsWith("label=", StringComparison.Ordinal) || word.StartsWith("first=", StringComparison.Ordinal));
        return Pool(words[0], new IpAddressPoolSpec
        {
            Addresses = [.. words.Skip(1).Where(word => char.IsAsciiHexDigit(word[0]) && (word.Contains('.') || word.Contains(':')))],
            AutoAssign = !words.Contains("manual"),
            AvoidBuggyIPs = words.Contains("buggy"),
            ServiceAllocation = !isPinned ? null : new ServiceAllocation
            {
                Priority = int.Parse(Option(words, "first", "0"), null),
                Namespaces = Option(words, "ns") is { Length: > 0 } ns ? [ns] : null,
                ServiceSelectors = Option(words, "label") is { Length: > 0 } label ? [Labelled(label)] : null,
            },
        });
    }

    private static string Option(IEnumerable<string> words, string name, string otherwise = "") =>
        words.FirstOrDefault(word => word.StartsWith(name + "=", StringComparison.Ordinal)) is { } word
            ? word[(name.Length + 1)..]
            : otherwise;
}

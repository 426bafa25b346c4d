using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// The families and cluster IPs of a Service: what the user gave is kept, the rest follows from the policy and the server's ranges.
/// </summary>
internal static class ServiceFamilies
{
    /// <summary>Fills in ipFamilyPolicy, ipFamilies, clusterIP and clusterIPs as far as they can be known.</summary>
    public static void Prepare(JsonObject spec, ServiceAllocations allocations)
    {
        var addresses = spec.Array("clusterIPs").Texts();
        var first = spec.Text("clusterIP") ?? "";
        if (first.Length > 0 && addresses.Count == 0)
            addresses.Add(first);
        else if (first.Length == 0 && addresses.Count > 0)
            spec["clusterIP"] = first = addresses[0];
        var families = spec.Array("ipFamilies").Texts();
        spec.TryAdd("ipFamilyPolicy", families.Count > 1 || addresses.Count > 1 ? "RequireDualStack" : "SingleStack");
        var headless = first == "None";
        CompleteFamilies(spec, families, addresses, headless, allocations);
        spec["ipFamilies"] = JsonTree.ToArray(families);
        if (headless)
        {
            spec["clusterIPs"] = JsonTree.ToArray(["None"]);
            return;
        }
        for (var i = addresses.Count; i < families.Count; i++)
            addresses.Add(Allocate(families[i], allocations));
        if (addresses.Count > families.Count && families.Count > 0)
            addresses.RemoveRange(families.Count, addresses.Count - families.Count);
        spec["clusterIPs"] = JsonTree.ToArray(addresses);
        spec["clusterIP"] = addresses[0];
    }

    /// <summary>The name of an address's family, or null when the text is no address.</summary>
    public static string? FamilyOf(string text) => IpAddress.TryParse(text, out var address) ? address.IsIPv4 ? "IPv4" : "IPv6" : null;

    private static void CompleteFamilies(
        JsonObject spec, List<string> families, List<string> addresses, bool headless, ServiceAllocations allocations)
    {
        foreach (var address in headless ? [] : addresses)
        {
            if (families.Count <= addresses.IndexOf(address) && FamilyOf(address) is { } family && !families.Contains(family))
                families.Add(family);
        }
        if (families.Count == 0)
            families.Add("IPv4");
        var policy = spec.Text("ipFamilyPolicy");
        if (policy == "SingleStack" && families.Count == 2)
        {
            // Going back to one family is allowed: the first stays.
            families.RemoveAt(1);
            if (addresses.Count == 2)
                addresses.RemoveAt(1);
        }
        var selectorless = headless && spec.Object("selector") is null;
        if (policy != "SingleStack" && families.Count == 1 && (allocations.IsDualStack || selectorless))
            families.Add(families[0] == "IPv4" ? "IPv6" : "IPv4");
    }

    private static string Allocate(string family, ServiceAllocations allocations)
    {
        var wanted = family == "IPv6" ? AddressFamily.IPv6 : AddressFamily.IPv4;
        if (allocations.Range(wanted) is null)
            throw ApiErrors.Invalid("", "Service", "",
                [FieldError.Invalid("spec.ipFamilies[0]", family, "not configured on this cluster")]);
        return allocations.FreeAddress(wanted)?.ToString() ??
            throw new ApiException(500, "InternalError", $"failed to allocate a serviceIP: range of {family} is full");
    }
}

using System;
using System.Collections.Generic;

namespace FerroLB.ApiServer.Http;

/// <summary>How a client wants objects: as they are, as a table for people, or their metadata alone.</summary>
/// <param name="As">"" for objects as they are; else Table, PartialObjectMetadata, PartialObjectMetadataList or
/// APIGroupDiscoveryList.</param>
/// <param name="Group">The group of that form, as in "meta.k8s.io".</param>
/// <param name="Version">The version of that form, as in "v1".</param>
internal sealed record AcceptedForm(string As, string Group, string Version)
{
    /// <summary>Objects as they are.</summary>
    public static readonly AcceptedForm Plain = new("", "", "");

    /// <summary>Whether a table is wanted.</summary>
    public bool IsTable => As == "Table";

    /// <summary>Whether metadata alone is wanted.</summary>
    public bool IsPartial => As is "PartialObjectMetadata" or "PartialObjectMetadataList";

    /// <summary>
    /// The forms of an Accept header that are some kind of JSON, in the client's order (quality values are not weighed: no client of
    /// Kubernetes sends them). An empty header means plain JSON. An empty result means that nothing we speak is wanted.
    /// </summary>
    public static IReadOnlyList<AcceptedForm> Parse(string header)
    {
        if (string.IsNullOrWhiteSpace(header))
            return [Plain];
        var forms = new List<AcceptedForm>();
        foreach (string range in header.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] parts = range.Split(';', StringSplitOptions.TrimEntries);
            if (parts[0] is "application/json" or "*/*" or "application/*")
                forms.Add(new AcceptedForm(Parameter(parts, "as"), Parameter(parts, "g"), Parameter(parts, "v")));
        }
        return forms;
    }

    private static string Parameter(string[] parts, string name)
    {
        foreach (string part in parts)
        {
            int equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals > 0 && part.AsSpan(0, equals).SequenceEqual(name))
                return part[(equals + 1)..];
        }
        return "";
    }
}

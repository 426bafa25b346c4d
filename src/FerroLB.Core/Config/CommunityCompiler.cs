using System.Collections.Generic;
using System.Collections.Immutable;
using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Config;

/// <summary>Turns a Community object as written into a <see cref="CommunityConfig"/>.</summary>
internal static class CommunityCompiler
{
    /// <summary>What a community must look like, for messages.</summary>
    public const string ValueRule = "is not a community";

    /// <summary>How to mend one, for messages.</summary>
    public const string ValueRemedy =
        "Write two numbers up to 65535 such as 64500:100, or a large community of three numbers up to 4294967295 such as large:64500:1:100";

    /// <summary>Returns the object, or null with at least one fault.</summary>
    public static CommunityConfig? Compile(Community source, FaultList faults)
    {
        var aliases = ImmutableArray.CreateBuilder<(string, CommunityValue)>(source.Aliases.Count);
        var names = new HashSet<string>();
        for (var i = 0; i < source.Aliases.Count; i++)
        {
            var (name, text) = source.Aliases[i];
            if (!names.Add(name))
                faults.Add($"spec.communities[{i}].name", name, "is defined twice in the object", "Remove one of the two, or rename it");
            if (CommunityValue.TryParse(text, out var value, out _))
                aliases.Add((name, value));
            else
                faults.Add($"spec.communities[{i}].value", text, ValueRule, ValueRemedy);
        }
        return faults.IsEmpty ? new(source.Key.Name, aliases.ToImmutable()) : null;
    }
}

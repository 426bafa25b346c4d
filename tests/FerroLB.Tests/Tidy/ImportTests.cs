using System;
using System.Collections.Generic;
using System.Linq;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace FerroLB.Tests.Tidy;

/// <summary>Who may import whom, folder by folder. The projects hold the four coarse lines; these are the fine ones inside them.</summary>
public sealed class ImportTests
{
    // A file belongs to the longest namespace named here, and may import only those listed beside it and its own folder.
    private static readonly SortedDictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["FerroLB.Protocols.Primitives"] = [],
        ["FerroLB.Protocols.Ethernet"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Protocols.Announcing"] = ["FerroLB.Protocols.Primitives", "FerroLB.Protocols.Ethernet"],
        ["FerroLB.Protocols.Arp"] = ["FerroLB.Protocols.Primitives", "FerroLB.Protocols.Ethernet", "FerroLB.Protocols.Announcing"],
        ["FerroLB.Protocols.Ndp"] = ["FerroLB.Protocols.Primitives", "FerroLB.Protocols.Ethernet", "FerroLB.Protocols.Announcing"],
        ["FerroLB.Protocols.RouterDiscovery"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Protocols.Heartbeat"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Protocols.Gossip"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Protocols.Gossip.Wire"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Protocols.Gossip.Sealing"] = ["FerroLB.Protocols.Gossip.Wire"],
        ["FerroLB.Protocols.Bgp.Wire"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Protocols.Bgp.Rib"] = ["FerroLB.Protocols.Primitives", "FerroLB.Protocols.Bgp.Wire"],
        ["FerroLB.Protocols.Bgp.Session"] = ["FerroLB.Protocols.Primitives", "FerroLB.Protocols.Bgp.Wire"],
        ["FerroLB.Protocols.Bfd"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Core"] = ["FerroLB.Protocols.Primitives"],
        ["FerroLB.Core.Kube"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core.Status"],
        ["FerroLB.Core.Status"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core.Kube.Objects"],
        ["FerroLB.Core.Config"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core.Kube.Objects"],
        ["FerroLB.Core.Allocation"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core.Config"],
        ["FerroLB.Core.Placement"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core.Config"],
        ["FerroLB.Core.Admission"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core.Config", "FerroLB.Core.Kube"],
        ["FerroLB.Core.Election"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core.Kube", "FerroLB.Core.Status"],
        ["FerroLB.Core.Certificates"] = [],
        ["FerroLB.Core.Nodes"] = ["FerroLB.Protocols", "FerroLB.Core"],
        ["FerroLB.Runtime"] = ["FerroLB.Protocols", "FerroLB.Core"],
        ["FerroLB.ApiServer.Store"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core"],
        ["FerroLB.ApiServer.Http"] = ["FerroLB.Protocols.Primitives", "FerroLB.Core", "FerroLB.ApiServer.Store"],
        ["FerroLB.App"] = ["FerroLB"],
        ["FerroLB.Lab"] = ["FerroLB.Protocols", "FerroLB.Core", "FerroLB.ApiServer.Store"],
    };

    private static readonly string[] PureAreas = ["FerroLB.Protocols", "FerroLB.Core", "FerroLB.ApiServer.Store", "FerroLB.Lab"];

    // The lab's doors to the outside: reading the command line, starting the second process, driving namespaces.
    private static readonly string[] ShellPartsOfTheLab =
        ["lab/FerroLB.Lab/Program.cs", "lab/FerroLB.Lab/Commands/", "lab/FerroLB.Lab/Namespaces/"];

    private static readonly string[] BannedNamespaces =
        ["System.IO", "System.Threading", "System.Net", "System.Collections.Concurrent", "System.Diagnostics"];

    private static readonly string[] BannedMembers =
    [
        "DateTime.Now", "DateTime.UtcNow", "DateTimeOffset.Now", "DateTimeOffset.UtcNow", "Guid.NewGuid", "Random.Shared",
        "Environment.TickCount",
        "Environment.TickCount64", "Stopwatch.GetTimestamp", "TimeProvider.System", "Environment.GetEnvironmentVariable",
    ];

    [Fact]
    public void Every_folder_imports_only_what_its_layer_may_see()
    {
        var violations =
            from file in SourceTree.Files
            where !file.Path.StartsWith("tests/", StringComparison.Ordinal)
            let area = AreaOf(file.Namespace)
            from import in file.ImportedNamespaces()
            where !IsWithin(import, area) && !Allowed[area].Any(allowed => IsWithin(import, allowed))
            select $"{file.Path}: {area} must not import {import}";
        SourceTree.AssertNone(violations);
    }

    [Fact]
    public void Every_namespace_of_the_product_has_a_row_in_the_import_table() =>
        SourceTree.AssertNone(SourceTree.Files
            .Where(f => !f.Path.StartsWith("tests/", StringComparison.Ordinal) && !Allowed.Keys.Any(area => IsWithin(f.Namespace, area)))
            .Select(f => $"{f.Path}: {f.Namespace} is in no row"));

    [Fact]
    public void Core_root_holds_only_what_every_folder_may_see()
    {
        var violations =
            from file in SourceTree.Files
            where file.Namespace == "FerroLB.Core"
            from import in file.ImportedNamespaces()
            where !IsWithin(import, "FerroLB.Protocols.Primitives")
            select $"{file.Path} imports {import}";
        SourceTree.AssertNone(violations);
    }

    [Fact]
    public void Pure_code_has_no_door_to_the_outside()
    {
        var violations =
            from file in SourceTree.Files
            where PureAreas.Any(area => IsWithin(file.Namespace, area))
            where !ShellPartsOfTheLab.Any(part => file.Path.StartsWith(part, StringComparison.Ordinal))
            from offence in Offences(file)
            select offence;
        SourceTree.AssertNone(violations);
    }

    private static IEnumerable<string> Offences(SourceFile file)
    {
        foreach (var directive in file.Syntax.DescendantNodes().OfType<UsingDirectiveSyntax>())
        {
            var name = directive.NamespaceOrType.ToString();
            if (BannedNamespaces.Any(banned => IsWithin(name, banned)) && name != "System.Diagnostics.CodeAnalysis")
                yield return $"{file.Path}:{file.LineOf(directive)}: using {name}";
        }
        foreach (var access in file.Syntax.DescendantNodes().OfType<MemberAccessExpressionSyntax>())
        {
            if (BannedMembers.Contains(access.ToString(), StringComparer.Ordinal))
                yield return $"{file.Path}:{file.LineOf(access)}: {access}";
        }
        foreach (var wait in file.Syntax.DescendantNodes().OfType<AwaitExpressionSyntax>())
            yield return $"{file.Path}:{file.LineOf(wait)}: await";
        foreach (var guarded in file.Syntax.DescendantNodes().OfType<LockStatementSyntax>())
            yield return $"{file.Path}:{file.LineOf(guarded)}: lock";
    }

    private static string AreaOf(string ns) =>
        Allowed.Keys.Where(area => IsWithin(ns, area)).MaxBy(area => area.Length)
        ?? throw new InvalidOperationException($"{ns} has no row in the import table");

    private static bool IsWithin(string ns, string area) =>
        ns.StartsWith(area, StringComparison.Ordinal) && (ns.Length == area.Length || ns[area.Length] == '.');
}

using System;
using System.Collections.Generic;
using System.Linq;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Tests.Deploy;

/// <summary>The schemas in deploy/crds are what clusters, tools and users rely on: every field, default and bound is stated here.</summary>
public sealed class CrdTests
{
    private static readonly string[] AllowedKeywords =
    [
        "type", "description", "format", "default", "minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern",
        "enum", "required", "properties", "items", "additionalProperties",
        "x-kubernetes-list-type", "x-kubernetes-list-map-keys", "x-kubernetes-map-type", "x-kubernetes-validations",
    ];

    public static TheoryData<string> Kinds => [.. CrdTables.ByKind.Keys];

    [Fact]
    public void Every_kind_has_exactly_one_definition() =>
        Assert.Equal(CrdTables.ByKind.Keys.Order(), Definitions().Select(crd => crd.Text("spec/names/kind")!).Order());

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Definition_has_the_stated_columns_fields_defaults_and_bounds(string kind) =>
        Assert.Equal(CrdTables.Of(kind), CrdOutline.Of(Definition(kind)));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Definition_is_namespaced_and_named_after_its_plural(string kind)
    {
        var crd = Definition(kind);
        Assert.Equal("apiextensions.k8s.io/v1", crd.Text("apiVersion"));
        var group = kind == "SpeakerState" ? "ferrolb.io" : "metallb.io";
        Assert.Equal(group, crd.Text("spec/group"));
        Assert.Equal("Namespaced", crd.Text("spec/scope"));
        Assert.Equal($"{crd.Text("spec/names/plural")}.{group}", crd.Text("metadata/name"));
        Assert.Equal(kind.ToLowerInvariant(), crd.Text("spec/names/singular"));
        Assert.Equal(kind + "List", crd.Text("spec/names/listKind"));
        Assert.Null(crd.At("spec/names/shortNames"));
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_version_is_served_with_a_status_subresource_and_exactly_one_is_stored(string kind)
    {
        var versions = ((YamlSequenceNode)Definition(kind).At("spec/versions")!).Children;
        Assert.All(versions, version => Assert.Equal("true", version.Text("served")));
        Assert.All(versions, version => Assert.NotNull(version.At("subresources/status")));
        Assert.Single(versions, version => version.Text("storage") == "true");
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Schema_is_structural_and_every_field_is_described(string kind)
    {
        var faults = new List<string>();
        foreach (var version in ((YamlSequenceNode)Definition(kind).At("spec/versions")!).Children)
        {
            CheckStructural(version.At("schema/openAPIV3Schema")!, version.Text("name")!, isItem: true, faults);
        }

        Assert.Empty(faults);
    }

    [Fact]
    public void Bgp_peers_are_converted_by_the_webhook_of_the_controller()
    {
        var peer = Definition("BGPPeer");
        Assert.Equal("Webhook", peer.Text("spec/conversion/strategy"));
        Assert.Equal(["v1"], peer.Texts("spec/conversion/webhook/conversionReviewVersions"));
        Assert.Equal("metallb-webhook-service", peer.Text("spec/conversion/webhook/clientConfig/service/name"));
        Assert.Equal("/convert", peer.Text("spec/conversion/webhook/clientConfig/service/path"));
        Assert.NotNull(peer.Text("spec/versions/0/deprecationWarning"));
    }

    [Fact]
    public void Only_bgp_peers_are_converted() =>
        Assert.Equal("BGPPeer", Assert.Single(Definitions(), crd => crd.At("spec/conversion") is not null).Text("spec/names/kind"));

    private static void CheckStructural(YamlNode schema, string path, bool isItem, List<string> faults)
    {
        faults.AddRange(((YamlMappingNode)schema).Children.Keys.Select(key => ((YamlScalarNode)key).Value!).Except(AllowedKeywords)
            .Select(key => $"{path}: {key} does not belong into a schema"));
        var type = schema.Text("type");
        var needsDescription = !isItem && !path.EndsWith(".metadata", StringComparison.Ordinal);
        Fault(type is null, "has no type");
        Fault(needsDescription && schema.Text("description") is null, "is not described");
        Fault((type == "array") != (schema.At("items") is not null), "an array, and nothing else, has items");
        Fault(schema.At("properties") is not null && schema.At("additionalProperties") is not null, "has two forms of properties");
        var properties = schema.Entries("properties").ToList();
        var missing = schema.Texts("required").Except(properties.Select(property => property.Key)).ToList();
        Fault(missing.Count > 0, $"requires {string.Join(' ', missing)}, which it does not have");
        properties.ForEach(property => CheckStructural(property.Value, $"{path}.{property.Key}", isItem: false, faults));
        foreach (var inner in new[] { schema.At("items"), schema.At("additionalProperties") }.OfType<YamlNode>())
        {
            CheckStructural(inner, path + "[]", isItem: true, faults);
        }

        void Fault(bool found, string what)
        {
            if (found)
            {
                faults.Add($"{path}: {what}");
            }
        }
    }

    private static IReadOnlyList<YamlMappingNode> Definitions() => YamlFiles.ReadAll("deploy/crds");

    private static YamlMappingNode Definition(string kind) => Definitions().Single(crd => crd.Text("spec/names/kind") == kind);
}

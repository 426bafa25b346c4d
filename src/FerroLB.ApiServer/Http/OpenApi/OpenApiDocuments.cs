using System;
using System.Collections.Generic;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Http.OpenApi;

/// <summary>
/// What /openapi answers, from which kubectl explains fields, checks manifests before it sends them, and learns how lists merge. One
/// document of OpenAPI v2 holds everything, in JSON or protobuf (kubectl up to 1.26 reads the latter only). OpenAPI v3 has one document per
/// group and version, listed in an index with a hash each, so that clients fetch what changed.
/// </summary>
public sealed class OpenApiDocuments
{
    private readonly Lazy<JsonObject> _v2;
    private readonly Lazy<byte[]> _v2Json;
    private readonly Lazy<byte[]> _v2Protobuf;
    private readonly Lazy<SortedDictionary<string, byte[]>> _v3;
    private readonly Lazy<byte[]> _v3Index;

    /// <summary>Makes the documents of a catalogue; each is built when first asked for.</summary>
    public OpenApiDocuments(IReadOnlyList<ApiGroup> groups)
    {
        _v2 = new(() => BuildV2(groups));
        _v2Json = new(() => JsonBytes.Of(_v2.Value));
        _v2Protobuf = new(() => OpenApiV2Protobuf.Encode(_v2.Value));
        _v3 = new(() => BuildV3(groups));
        _v3Index = new(() => BuildIndex(_v3.Value));
    }

    /// <summary>The OpenAPI v2 document in JSON.</summary>
    public byte[] V2Json => _v2Json.Value;

    /// <summary>The OpenAPI v2 document as a protobuf message.</summary>
    public byte[] V2Protobuf => _v2Protobuf.Value;

    /// <summary>The index of OpenAPI v3 documents.</summary>
    public byte[] V3Index => _v3Index.Value;

    /// <summary>The OpenAPI v3 document of "api/v1" or "apis/{group}/{version}"; null when that is not served.</summary>
    public byte[]? V3(string groupVersionPath) => _v3.Value.GetValueOrDefault(groupVersionPath);

    private static JsonObject Info() => new() { ["title"] = "Kubernetes", ["version"] = ServerVersion.GitVersion };

    private static JsonObject BuildV2(IReadOnlyList<ApiGroup> groups)
    {
        var paths = new JsonObject();
        var definitions = new JsonObject { [DefinitionName.ObjectMeta] = MetadataSchema.Node.Source.DeepClone() };
        foreach (ApiGroup group in groups)
        {
            foreach (string version in group.Versions)
            {
                foreach ((ResourceDefinition resource, ResourceVersionDefinition served) in group.Served(version))
                {
                    PathDocuments.Add(paths, group, resource, served, isV3: false);
                    definitions[DefinitionName.Of(group.Name, version, resource.Kind, resource.IsCustom)] = KindSchema.V2(resource, served);
                }
            }
        }
        return new JsonObject { ["swagger"] = "2.0", ["info"] = Info(), ["paths"] = paths, ["definitions"] = definitions };
    }

    private static SortedDictionary<string, byte[]> BuildV3(IReadOnlyList<ApiGroup> groups)
    {
        var documents = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (ApiGroup group in groups)
        {
            foreach (string version in group.Versions)
                documents[group.UrlOf(version)[1..]] = JsonBytes.Of(BuildV3(group, version));
        }
        return documents;
    }

    private static JsonObject BuildV3(ApiGroup group, string version)
    {
        var paths = new JsonObject();
        var schemas = new JsonObject { [DefinitionName.ObjectMeta] = MetadataSchema.Node.Source.DeepClone() };
        foreach ((ResourceDefinition resource, ResourceVersionDefinition served) in group.Served(version))
        {
            PathDocuments.Add(paths, group, resource, served, isV3: true);
            schemas[DefinitionName.Of(group.Name, version, resource.Kind, resource.IsCustom)] = KindSchema.V3(resource, served);
        }
        return new JsonObject
        {
            ["openapi"] = "3.0.0",
            ["info"] = Info(),
            ["paths"] = paths,
            ["components"] = new JsonObject { ["schemas"] = schemas },
        };
    }

    private static byte[] BuildIndex(SortedDictionary<string, byte[]> documents)
    {
        var paths = new JsonObject();
        foreach ((string path, byte[] document) in documents)
        {
            string hash = Convert.ToHexString(SHA256.HashData(document).AsSpan(0, 16));
            paths[path] = new JsonObject { ["serverRelativeURL"] = "/openapi/v3/" + path + "?hash=" + hash };
        }
        return JsonBytes.Of(new JsonObject { ["paths"] = paths });
    }
}

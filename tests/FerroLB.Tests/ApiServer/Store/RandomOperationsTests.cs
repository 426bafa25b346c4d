using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>Random creates, merges, updates and deletes against a dictionary, with a watcher that keeps a copy; fixed seeds.</summary>
public sealed class RandomOperationsTests
{
    private const string Path = "v1/ns:default/configmaps";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Store_and_watcher_agree_with_a_simple_model(ulong seed)
    {
        var random = new SeededRandom(seed);
        var api = new TestApi(new ApiStoreOptions { HistoryEvents = 50 });
        var model = new SortedDictionary<string, (string Value, string Version)>(StringComparer.Ordinal);
        var watch = api.Watch(Path);
        var copy = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (var step = 0; step < 2000; step++)
        {
            Step(api, random, model);
            if (random.Chance(0.3))
                Follow(api, watch, copy);
        }
        Follow(api, watch, copy);
        Assert.Equal(Show(model.ToDictionary(pair => pair.Key, pair => pair.Value.Value)), Show(copy));
        Assert.Equal(Show(copy), Show(api.List(Path)["items"]!.AsArray().ToDictionary(
            item => (string)item!["metadata"]!["name"]!, item => (string)item!["data"]!["v"]!)));
    }

    [Fact]
    public void Garbage_never_throws()
    {
        var random = new SeededRandom(7);
        var api = new TestApi();
        string[] bodies =
        [
            """{"metadata":{"name":"g","labels":{"a":"b"}},"spec":{"ports":[{"port":80,"targetPort":"http"}],"type":"LoadBalancer"}}""",
            """[{"op":"add","path":"/spec/ports/0/name","value":"x"}]""",
            """{"apiVersion":"v1","kind":"Service","metadata":{"managedFields":[{"manager":"m","fieldsV1":{"f:spec":{}}}]}}""",
        ];
        string[] types =
        [
            "application/json", "application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json",
            "application/apply-patch+yaml",
        ];
        ApiVerb[] verbs = [ApiVerb.Create, ApiVerb.Update, ApiVerb.Patch, ApiVerb.Delete];
        for (var step = 0; step < 3000; step++)
        {
            var body = Encoding.UTF8.GetBytes(bodies[random.Next(bodies.Length)]);
            for (var flips = random.Next(4); flips > 0; flips--)
                body[random.Next(body.Length)] = (byte)random.Next(256);
            var response = api.Store.Handle(
                new ApiRequest
                {
                    Verb = verbs[random.Next(verbs.Length)],
                    Resource = random.Chance(0.8) ? "services" : "pods",
                    Namespace = "default",
                    Name = random.Chance(0.9) ? "g" : null,
                    Subresource = random.Chance(0.2) ? "status" : "",
                    ContentType = types[random.Next(types.Length)],
                    Query = new SortedDictionary<string, string> { ["fieldManager"] = "m", ["fieldValidation"] = "Strict" },
                    Body = body,
                },
                api.Now);
            Assert.InRange(response.StatusCode, 200, 599);
            Assert.NotNull(JsonNode.Parse(response.Body.Span));
        }
    }

    private static void Step(TestApi api, SeededRandom random, SortedDictionary<string, (string Value, string Version)> model)
    {
        var name = "m" + random.Next(8);
        var value = "v" + random.Next(3);
        var exists = model.TryGetValue(name, out var known);
        switch (random.Next(4))
        {
            case 0:
                var created = api.Call(ApiVerb.Create, Path, $$$"""{"metadata":{"name":"{{{name}}}"},"data":{"v":"{{{value}}}"}}""");
                Assert.Equal(exists ? 409 : 201, created.Code);
                if (!exists)
                    model[name] = (value, Version(created.Body));
                break;
            case 1:
                var change = $$$"""{"data":{"v":"{{{value}}}"}}""";
                var patched = api.Call(ApiVerb.Patch, $"{Path}/{name}", change, "", "application/merge-patch+json");
                Assert.Equal(exists ? 200 : 404, patched.Code);
                if (exists)
                {
                    Assert.Equal(value == known.Value, Version(patched.Body) == known.Version);
                    model[name] = (value, Version(patched.Body));
                }
                break;
            case 2:
                var stale = random.Chance(0.5);
                var updated = api.Call(ApiVerb.Update, $"{Path}/{name}", $$$"""
                    {"metadata":{"name":"{{{name}}}","resourceVersion":"{{{(stale ? "1" : known.Version)}}}"},"data":{"v":"{{{value}}}"}}
                    """);
                Assert.Equal(!exists ? 404 : stale ? 409 : 200, updated.Code);
                if (exists && !stale)
                    model[name] = (value, Version(updated.Body));
                break;
            default:
                Assert.Equal(exists ? 200 : 404, api.Call(ApiVerb.Delete, $"{Path}/{name}").Code);
                model.Remove(name);
                break;
        }
    }

    private static void Follow(TestApi api, ApiWatch watch, SortedDictionary<string, string> copy)
    {
        while (watch.TryTake(out var line, api.Now))
        {
            var json = JsonNode.Parse(line.Span)!;
            var name = (string)json["object"]!["metadata"]!["name"]!;
            Assert.Equal((string?)json["type"] == "ADDED", !copy.ContainsKey(name));
            if ((string?)json["type"] == "DELETED")
                copy.Remove(name);
            else
                copy[name] = (string)json["object"]!["data"]!["v"]!;
        }
    }

    private static string Version(JsonObject value) => (string)value["metadata"]!["resourceVersion"]!;

    private static string Show(IDictionary<string, string> values) =>
        string.Join(' ', values.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"));
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using FerroLB.ApiServer.Store.Calls;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>A store with short ways to speak to it, under a clock that the test moves.</summary>
public sealed class TestApi
{
    public TestApi(ApiStoreOptions? options = null, ulong seed = 1)
    {
        Store = new ApiStore(seed, options);
        Store.Start(Now);
    }

    public ApiStore Store { get; }

    public DateTimeOffset Now { get; set; } = new(2030, 1, 2, 3, 4, 5, TimeSpan.Zero);

    public IReadOnlyList<string> Warnings { get; private set; } = [];

    /// <summary>Who calls.</summary>
    public (string Name, string[] Groups) User { get; set; } = ("kubernetes-admin", ["system:masters", "system:authenticated"]);

    /// <summary>
    /// Answers the calls to webhooks: from the target and the review to the answer, or to a text that tells why there is none.
    /// </summary>
    public Func<ExternalCall, JsonNode, object>? Webhook { get; set; }

    /// <summary>The reviews that were sent, with the name of the webhook.</summary>
    public List<(string Name, JsonNode Review)> Asked { get; } = [];

    public (int Code, JsonObject Body) Call(
        ApiVerb verb, string path, string body = "", string query = "", string contentType = "application/json", string agent = "test/1")
    {
        var request = Request(verb, path, body, query, contentType, agent);
        var response = Store.Handle(request, Now);
        while (response.Pending is { } pending && Webhook is not null)
            response = Store.Handle(pending.Resume([.. pending.Calls.Select(Ask)]), Now);
        Warnings = response.Warnings;
        return (response.StatusCode, JsonNode.Parse(response.Body.Span)!.AsObject());
    }

    public JsonObject Get(string path) => Ok(ApiVerb.Get, path);

    public JsonObject List(string path, string query = "") => Ok(ApiVerb.List, path, "", query);

    public JsonObject Create(string path, string body, string query = "") => Ok(ApiVerb.Create, path, body, query);

    public JsonObject Update(string path, JsonNode body, string query = "") => Ok(ApiVerb.Update, path, body.ToJsonString(), query);

    public JsonObject Delete(string path, string query = "") => Ok(ApiVerb.Delete, path, "", query);

    public JsonObject Merge(string path, string body, string query = "") =>
        Ok(ApiVerb.Patch, path, body, query, "application/merge-patch+json");

    public JsonObject Strategic(string path, string body, string query = "") =>
        Ok(ApiVerb.Patch, path, body, query, "application/strategic-merge-patch+json");

    public JsonObject JsonPatch(string path, string body) => Ok(ApiVerb.Patch, path, body, "", "application/json-patch+json");

    public JsonObject Apply(string path, string manager, string body, bool force = false) =>
        Ok(ApiVerb.Patch, path, body, $"fieldManager={manager}&force={(force ? "true" : "false")}", "application/apply-patch+yaml");

    public string Refused(int code, ApiVerb verb, string path, string body = "", string query = "", string contentType = "application/json")
    {
        var (actual, status) = Call(verb, path, body, query, contentType);
        Assert.True(actual == code, $"{actual}: {status.ToJsonString()}");
        Assert.Equal("Failure", (string?)status["status"]);
        Assert.Equal(code, (int)status["code"]!);
        return (string)status["message"]!;
    }

    public ApiWatch Watch(string path, string query = "")
    {
        Assert.True(Store.TryOpenWatch(Request(ApiVerb.Watch, path, "", query, "", "test"), Now, out var watch, out var error),
            error is null ? "" : Encoding.UTF8.GetString(error.Body.Span));
        return watch!;
    }

    public List<string> Drain(ApiWatch watch)
    {
        var events = new List<string>();
        while (watch.TryTake(out var line, Now) || Converted(watch))
        {
            if (line.IsEmpty)
                continue;
            var json = JsonNode.Parse(line.Span)!;
            events.Add($"{json["type"]} {json["object"]!["metadata"]?["name"]}".Trim());
        }
        return events;
    }

    public List<byte[]> TakeRecords()
    {
        var records = new List<byte[]>();
        while (Store.TryTakeRecord(out var record))
            records.Add(record.ToArray());
        return records;
    }

    public ExternalAnswer Ask(ExternalCall call)
    {
        var review = JsonNode.Parse(call.Body.Span)!;
        Asked.Add((call.Name, review));
        return Webhook!(call, review) switch
        {
            string failure => ExternalAnswer.Failed(failure),
            JsonNode answer => ExternalAnswer.Of(Encoding.UTF8.GetBytes(answer.ToJsonString())),
            var other => throw new InvalidOperationException($"{other} is no answer"),
        };
    }

    private bool Converted(ApiWatch watch)
    {
        if (watch.NeededCall is not { } call)
            return false;
        watch.Accept(Ask(call));
        return true;
    }

    // A path is [group/]version/[ns:namespace/]resource[/name[/subresource]].
    private ApiRequest Request(ApiVerb verb, string path, string body, string query, string contentType, string agent)
    {
        var parts = new Queue<string>(path.Split('/'));
        var group = parts.Peek().Contains('.', StringComparison.Ordinal) || parts.Peek() is "apps" or "policy" ? parts.Dequeue() : "";
        var version = parts.Dequeue();
        var space = parts.Peek().StartsWith("ns:", StringComparison.Ordinal) ? parts.Dequeue()[3..] : null;
        var resource = parts.Dequeue();
        var values = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var pair in query.Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=', StringComparison.Ordinal);
            values[pair[..equals]] = pair[(equals + 1)..];
        }
        return new ApiRequest
        {
            Verb = verb,
            Group = group,
            Version = version,
            Namespace = space,
            Resource = resource,
            Name = parts.Count > 0 ? parts.Dequeue() : null,
            Subresource = parts.Count > 0 ? parts.Dequeue() : "",
            Query = values,
            ContentType = contentType,
            Body = Encoding.UTF8.GetBytes(body),
            UserAgent = agent,
            User = User.Name,
            UserGroups = [.. User.Groups],
        };
    }

    private JsonObject Ok(ApiVerb verb, string path, string body = "", string query = "", string contentType = "application/json")
    {
        var (code, result) = Call(verb, path, body, query, contentType);
        Assert.True(code is 200 or 201, $"{code}: {result.ToJsonString()}");
        return result;
    }
}

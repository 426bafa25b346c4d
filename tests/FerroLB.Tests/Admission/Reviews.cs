using System;
using System.Linq;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.Core.Admission;
using FerroLB.Core.Config;
using Xunit;

namespace FerroLB.Tests.Admission;

/// <summary>Writes reviews as the API server does, and reads the answers.</summary>
internal static class Reviews
{
    public const string Namespace = "lb";

    /// <summary>What is known when these objects exist and are in force as far as they are valid.</summary>
    public static AdmissionContext With(ConfigSources present) => new(Namespace, present, ConfigBuilder.Build(present, ConfigResult.Empty));

    public static JsonObject Object(string kind, string name, object spec, string version = "v1beta1", string ns = Namespace) => new()
    {
        ["apiVersion"] = $"metallb.io/{version}",
        ["kind"] = kind,
        ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns },
        ["spec"] = JsonSerializer.SerializeToNode(spec),
    };

    public static Verdict Ask(string operation, JsonObject item, AdmissionContext context, string subResource = "")
    {
        var kind = (string)item["kind"]!;
        var version = ((string)item["apiVersion"]!).Split('/')[1];
        var review = Review(operation, item, subResource);
        return Read(AdmissionDesk.Answer($"/validate-metallb-io-{version}-{kind.ToLowerInvariant()}", Bytes(review), context));
    }

    public static JsonObject Review(string operation, JsonObject item, string subResource = "")
    {
        var request = new JsonObject
        {
            ["uid"] = "u-1",
            ["operation"] = operation,
            ["namespace"] = item["metadata"]!["namespace"]!.DeepClone(),
            ["name"] = item["metadata"]!["name"]!.DeepClone(),
            ["object"] = operation == "DELETE" ? null : item.DeepClone(),
            ["oldObject"] = operation == "DELETE" ? item.DeepClone() : null,
        };
        if (subResource.Length > 0)
            request["subResource"] = subResource;
        return new() { ["apiVersion"] = "admission.k8s.io/v1", ["kind"] = "AdmissionReview", ["request"] = request };
    }

    public static ReadOnlyMemory<byte> Bytes(JsonNode node) => Encoding.UTF8.GetBytes(node.ToJsonString());

    public static Verdict Read(AdmissionAnswer answer)
    {
        if (answer.StatusCode != 200)
            return new(answer.StatusCode, false, answer.StatusCode, Encoding.UTF8.GetString(answer.Body.Span).TrimEnd(), []);
        var review = JsonNode.Parse(answer.Body.Span)!;
        Assert.Equal("admission.k8s.io/v1", (string?)review["apiVersion"]);
        Assert.Equal("AdmissionReview", (string?)review["kind"]);
        var response = review["response"]!;
        Assert.Equal("u-1", (string?)response["uid"]);
        string[] warnings = response["warnings"] is JsonArray list ? [.. list.Select(item => (string)item!)] : [];
        var status = response["status"];
        return new(200, (bool)response["allowed"]!, (int?)status?["code"] ?? 0, (string?)status?["message"] ?? "", warnings);
    }

    /// <summary>An answer taken apart.</summary>
    internal sealed record Verdict(int HttpStatus, bool Allowed, int Code, string Message, string[] Warnings);
}

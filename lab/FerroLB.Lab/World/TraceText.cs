using System;
using System.Text;
using FerroLB.ApiServer.Store;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>Words for the trace's details.</summary>
internal static class TraceText
{
    private const int MostBodyCharacters = 4000;

    public static string Format(Instant at, string source, string verb, object? detail) =>
        detail is null ? $"{at} {source} {verb}" : $"{at} {source} {verb} {Describe(detail)}";

    private static string Describe(object detail) => detail switch
    {
        byte[] frame => FrameText.Describe(frame),
        KubeRequest request => Describe(request),
        KubeResponse response =>
            $"#{response.Id} {response.StatusCode} {response.Failure}{Body(response.Body)}",
        NodeInput.WatchEventReceived line => $"#{line.RequestId} {Body(line.Line)}",
        LogEvent log => Describe(log),
        ApiRequest request => $"{request.Verb} {request.Resource} {request.Namespace}/{request.Name}{Body(request.Body)}",
        _ => detail.ToString() ?? "",
    };

    private static string Describe(KubeRequest request)
    {
        var path = $"{request.Resource.ApiVersion}/{request.Resource.Plural} {request.Namespace}/{request.Name}";
        var part = request.Subresource is null ? "" : "/" + request.Subresource;
        var version = request.ResourceVersion is null ? "" : " at " + request.ResourceVersion;
        return $"#{request.Id} {request.Verb} {path}{part}{version}{Body(request.Body)}";
    }

    private static string Describe(LogEvent log)
    {
        var text = new StringBuilder($"{log.Level}: {log.Message}");
        foreach (var field in log.Fields)
            text.Append($" {field.Name}={field.Value}");
        return text.ToString();
    }

    private static string Body(ReadOnlyMemory<byte> body)
    {
        if (body.IsEmpty)
            return "";
        var text = Encoding.UTF8.GetString(body.Span);
        return " " + (text.Length <= MostBodyCharacters ? text : text[..MostBodyCharacters] + "…");
    }
}

using System;
using System.Text.Json;

namespace FerroLB.Core.Kube.Json;

/// <summary>metav1.Status: how the API server says no.</summary>
/// <param name="Code">The HTTP status; 0 when it was not said.</param>
/// <param name="Reason">For example "Conflict" or "Expired"; "" when it was not said.</param>
/// <param name="Message">For people; "" when it was not said.</param>
/// <param name="RetryAfter">How long the server wants to be left alone, when it said so.</param>
public sealed record KubeStatus(int Code, string Reason, string Message, TimeSpan? RetryAfter)
{
    private const int MaximumMessageLength = 512;

    /// <summary>Whether what was asked for is no longer kept: list again.</summary>
    public bool IsGone => Code == 410 || Reason is "Expired" or "Gone";

    /// <summary>Reads the body of a failed request; anything that is no Status reads as an empty one.</summary>
    public static KubeStatus Read(ReadOnlyMemory<byte> json)
    {
        if (json.IsEmpty || !KubeJson.TryParse(json, out var document, out _))
            return new KubeStatus(0, "", "", null);
        using (document)
            return Read(document!.RootElement);
    }

    /// <summary>Why a request failed, in words for the log.</summary>
    public static string Problem(KubeResponse response)
    {
        if (response.Failure is { } failure)
            return failure;
        var message = Read(response.Body).Message;
        return $"status {response.StatusCode}: {(message.Length > 0 ? message : "no reason given")}";
    }

    /// <summary>Reads a Status inside a document.</summary>
    internal static KubeStatus Read(JsonElement element)
    {
        try
        {
            var view = JsonView.Of(element, new StringTable());
            var message = view.String("message") ?? "";
            var seconds = view.Object("details")?.Int64("retryAfterSeconds") is { } s and > 0 ? Math.Min(s, 3600) : 0;
            return new KubeStatus(
                (int)Math.Clamp(view.Int64("code") ?? 0, 0, 999),
                view.String("reason") ?? "",
                message.Length > MaximumMessageLength ? message[..MaximumMessageLength] : message,
                seconds > 0 ? TimeSpan.FromSeconds(seconds) : null);
        }
        catch (InvalidOperationException)
        {
            return new KubeStatus(0, "", "", null);
        }
    }
}

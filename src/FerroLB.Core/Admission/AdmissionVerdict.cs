using System.Collections.Immutable;
using System.Text.Json;

namespace FerroLB.Core.Admission;

/// <summary>What becomes of a write.</summary>
/// <param name="Code">0 when it is allowed; otherwise the HTTP status that the user's client shows.</param>
/// <param name="Message">Why it is denied; empty when it is allowed.</param>
/// <param name="Warnings">What the user's client shows besides.</param>
internal sealed record AdmissionVerdict(int Code, string Message, ImmutableArray<string> Warnings)
{
    public static AdmissionVerdict Allowed { get; } = new(0, "", []);

    public static AdmissionVerdict AllowedWith(params ImmutableArray<string> warnings) => new(0, "", warnings);

    public static AdmissionVerdict Denied(int code, string message) => new(code, message, []);

    /// <summary>The verdict as a review.</summary>
    public AdmissionAnswer ToAnswer(string uid) => AdmissionAnswer.Json(json => Write(json, uid));

    private void Write(Utf8JsonWriter json, string uid)
    {
        json.WriteStartObject();
        json.WriteString("apiVersion", "admission.k8s.io/v1");
        json.WriteString("kind", "AdmissionReview");
        json.WriteStartObject("response");
        json.WriteString("uid", uid);
        json.WriteBoolean("allowed", Code == 0);
        if (Code != 0)
        {
            json.WriteStartObject("status");
            json.WriteString("status", "Failure");
            json.WriteString("message", Message);
            json.WriteString("reason", Code == 400 ? "BadRequest" : "Forbidden");
            json.WriteNumber("code", Code);
            json.WriteEndObject();
        }
        if (Warnings.Length > 0)
        {
            json.WriteStartArray("warnings");
            foreach (var warning in Warnings)
                json.WriteStringValue(warning);
            json.WriteEndArray();
        }
        json.WriteEndObject();
        json.WriteEndObject();
    }
}

using System;
using System.Buffers;
using System.Text;
using System.Text.Json;

namespace FerroLB.Core.Admission;

/// <summary>What a webhook answers over HTTP.</summary>
/// <param name="StatusCode">
/// 200 with a review as JSON; or a plain-text sentence with 400 (the body is no review), 404 (no such path) or 503 (ask again later).
/// </param>
/// <param name="Body">The body, UTF-8.</param>
public sealed record AdmissionAnswer(int StatusCode, ReadOnlyMemory<byte> Body)
{
    /// <summary>The content type of the body.</summary>
    public string ContentType => StatusCode == 200 ? "application/json" : "text/plain; charset=utf-8";

    internal static AdmissionAnswer Failed(int statusCode, string sentence) => new(statusCode, Encoding.UTF8.GetBytes(sentence + "\n"));

    internal static AdmissionAnswer Json(Action<Utf8JsonWriter> write)
    {
        var body = new ArrayBufferWriter<byte>(512);
        using (var json = new Utf8JsonWriter(body))
            write(json);
        return new(200, body.WrittenMemory);
    }
}

using System;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Microsoft.AspNetCore.Http;

namespace FerroLB.ApiServer.Http;

/// <summary>Sends whole answers.</summary>
internal static class HttpAnswers
{
    /// <summary>Sends a document with 200, or a Status with its code.</summary>
    public static Task SendAsync(this HttpContext context, JsonObject document)
    {
        int code = document["kind"]?.ToString() == "Status" ? document["code"]!.GetValue<int>() : 200;
        return context.SendAsync(code, "application/json", JsonBytes.Of(document));
    }

    /// <summary>Sends bytes.</summary>
    public static async Task SendAsync(this HttpContext context, int statusCode, string contentType, ReadOnlyMemory<byte> body)
    {
        context.Response.StatusCode = statusCode;
        context.Response.ContentType = contentType;
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted).ConfigureAwait(false);
    }
}

using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Http;

/// <summary>Objects of kind Status, by which Kubernetes tells what went wrong; clients show the message to the user.</summary>
internal static class StatusJson
{
    /// <summary>Builds a failure.</summary>
    public static JsonObject Failure(int code, string reason, string message) => new()
    {
        ["kind"] = "Status",
        ["apiVersion"] = "v1",
        ["metadata"] = new JsonObject(),
        ["status"] = "Failure",
        ["message"] = message,
        ["reason"] = reason,
        ["code"] = code,
    };

    /// <summary>401.</summary>
    public static JsonObject Unauthorized() => Failure(401, "Unauthorized", "Unauthorized");

    /// <summary>404 for a path that names nothing.</summary>
    public static JsonObject NotFound() => Failure(404, "NotFound", "the server could not find the requested resource");

    /// <summary>405.</summary>
    public static JsonObject MethodNotAllowed() =>
        Failure(405, "MethodNotAllowed", "the server does not allow this method on the requested resource");

    /// <summary>406, naming the media types that would do.</summary>
    public static JsonObject NotAcceptable(string supported) =>
        Failure(406, "NotAcceptable", "only the following media types are accepted: " + supported);

    /// <summary>413.</summary>
    public static JsonObject TooLarge() => Failure(413, "RequestEntityTooLarge", "Request entity too large: limit is 3145728");

    /// <summary>415 with the reason.</summary>
    public static JsonObject UnsupportedMediaType(string message) => Failure(415, "UnsupportedMediaType", message);

    /// <summary>400.</summary>
    public static JsonObject BadRequest(string message) => Failure(400, "BadRequest", message);

    /// <summary>503 with the wish that the client tries again.</summary>
    public static JsonObject Unavailable(string message) => Failure(503, "ServiceUnavailable", message);
}

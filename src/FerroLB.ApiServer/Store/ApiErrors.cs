using System.Collections.Generic;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Store;

/// <summary>
/// The refusals that Kubernetes' API knows, in its words: kubectl prints them to users and clients match on their reasons.
/// </summary>
internal static class ApiErrors
{
    /// <summary>The URL names nothing that is served.</summary>
    public static ApiException NoSuchResource() =>
        new(404, "NotFound", "the server could not find the requested resource", new JsonObject());

    /// <summary>The object does not exist.</summary>
    public static ApiException NotFound(string group, string plural, string name) =>
        new(404, "NotFound", $"{Qualified(group, plural)} \"{name}\" not found", Details(group, plural, name));

    /// <summary>An object of that name exists.</summary>
    public static ApiException AlreadyExists(string group, string plural, string name) =>
        new(409, "AlreadyExists", $"{Qualified(group, plural)} \"{name}\" already exists", Details(group, plural, name));

    /// <summary>A precondition does not hold.</summary>
    public static ApiException Conflict(string group, string plural, string name, string why) =>
        new(409, "Conflict", $"Operation cannot be fulfilled on {Qualified(group, plural)} \"{name}\": {why}",
            Details(group, plural, name));

    /// <summary>Somebody wrote in between.</summary>
    public static ApiException Modified(string group, string plural, string name) =>
        Conflict(group, plural, name, "the object has been modified; please apply your changes to the latest version and try again");

    /// <summary>The request itself is malformed.</summary>
    public static ApiException BadRequest(string message) => new(400, "BadRequest", message);

    /// <summary>The verb does not exist for the resource.</summary>
    public static ApiException MethodNotAllowed() =>
        new(405, "MethodNotAllowed", "the server does not allow this method on the requested resource", new JsonObject());

    /// <summary>The body's type is not understood.</summary>
    public static ApiException UnsupportedMediaType(string accepted) =>
        new(415, "UnsupportedMediaType",
            "the body of the request was in an unknown format - accepted media types include: " + accepted, new JsonObject());

    /// <summary>A policy forbids it.</summary>
    public static ApiException Forbidden(string group, string plural, string name, string why) =>
        new(403, "Forbidden", (plural.Length == 0 ? "" : Qualified(group, plural) + (name.Length == 0 ? " " : $" \"{name}\" ")) +
            (plural.Length == 0 ? "forbidden: " : "is forbidden: ") + why, Details(group, plural, name));

    /// <summary>The server, or something that it depends on, failed.</summary>
    public static ApiException Internal(string message) =>
        new(500, "InternalError", "Internal error occurred: " + message,
            new JsonObject { ["causes"] = new JsonArray(new JsonObject { ["message"] = message }) });

    /// <summary>A conversion webhook failed; the reason is left out, as by Kubernetes.</summary>
    public static ApiException Conversion(string message) => new(500, "", message);

    /// <summary>The version asked for is gone from the history.</summary>
    public static ApiException Expired(string message) => new(410, "Expired", message);

    /// <summary>The fields of an object break rules.</summary>
    public static ApiException Invalid(string group, string kind, string name, IReadOnlyList<FieldError> errors)
    {
        var causes = new JsonArray();
        var texts = new List<string>();
        foreach (var error in errors)
        {
            causes.Add((JsonNode)new JsonObject { ["reason"] = error.Reason, ["message"] = error.Message, ["field"] = error.Field });
            if (!texts.Contains(error.ToString()))
                texts.Add(error.ToString());
        }
        var details = Details(group, kind, name);
        details["causes"] = causes;
        var all = texts.Count == 1 ? texts[0] : $"[{string.Join(", ", texts)}]";
        return new(422, "Invalid", $"{Qualified(group, kind)} \"{name}\" is invalid: {all}", details);
    }

    /// <summary>"services", "deployments.apps".</summary>
    public static string Qualified(string group, string plural) => group.Length == 0 ? plural : $"{plural}.{group}";

    private static JsonObject Details(string group, string plural, string name)
    {
        var details = new JsonObject { ["name"] = name };
        if (group.Length > 0)
            details["group"] = group;
        details["kind"] = plural;
        return details;
    }
}

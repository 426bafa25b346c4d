using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Requests;

namespace FerroLB.ApiServer.Store.Admission;

/// <summary>What webhooks are told of one write.</summary>
/// <param name="Scope">The request.</param>
/// <param name="Operation">CREATE, UPDATE or DELETE.</param>
/// <param name="Value">The new object in the version of the URL; null for a deletion.</param>
/// <param name="Old">The object before in the version of the URL; null for a new one.</param>
internal sealed record AdmissionAttributes(RequestScope Scope, string Operation, JsonObject? Value, JsonObject? Old)
{
    /// <summary>The body of a DELETE.</summary>
    public JsonObject? DeleteOptions { get; init; }

    /// <summary>The version in which a webhook wants to see the objects; null when it does not want to see them at all.</summary>
    public string? VersionFor(AdmissionWebhook webhook)
    {
        if (!MatchesNamespace(webhook))
            return null;
        if (!webhook.Objects.IsEmpty && !MatchesObject(webhook, Value) && !MatchesObject(webhook, Old))
            return null;
        if (MatchesRule(webhook, Scope.Version))
            return Scope.Version;
        if (!webhook.TakesEquivalents)
            return null;
        foreach (var version in Scope.Kind.Definition.Versions)
        {
            if (MatchesRule(webhook, version.Name))
                return version.Name;
        }
        return null;
    }

    /// <summary>The review's request without its uid; null when the objects must be converted first, which is noted.</summary>
    public JsonObject? Request(string version)
    {
        var (value, old) = (Convert(Value, version), Convert(Old, version));
        if ((value is null && Value is not null) || (old is null && Old is not null))
            return null;
        var metadata = (value ?? old).Object("metadata");
        var request = new JsonObject
        {
            ["kind"] = Kind(version), ["resource"] = Resource(version),
            ["requestKind"] = Kind(Scope.Version), ["requestResource"] = Resource(Scope.Version),
        };
        if (Scope.Subresource.Length > 0)
            (request["subResource"], request["requestSubResource"]) = (Scope.Subresource, Scope.Subresource);
        request["name"] = metadata.Text("name");
        if (Scope.Kind.Namespaced)
            request["namespace"] = Scope.Namespace.Length > 0 ? Scope.Namespace : metadata.Text("namespace");
        request["operation"] = Operation;
        request["userInfo"] = UserInfo(Scope.Request);
        request["object"] = value?.DeepClone();
        request["oldObject"] = old?.DeepClone();
        request["dryRun"] = Scope.DryRun;
        request["options"] = Options();
        return request;
    }

    private JsonObject? Convert(JsonObject? value, string version) => value is null ? null : Conversions.Convert(Scope, value, version);

    private bool MatchesRule(AdmissionWebhook webhook, string version) => webhook.Rules.Exists(rule =>
        rule.Matches(Operation, Scope.Kind.Group, version, Scope.Kind.Plural, Scope.Subresource, Scope.Kind.Namespaced));

    private static bool MatchesObject(AdmissionWebhook webhook, JsonObject? value) =>
        value is not null && webhook.Objects.Matches(value.Object("metadata", "labels"));

    // Namespaces are judged by their own labels; other objects without a namespace always match.
    private bool MatchesNamespace(AdmissionWebhook webhook)
    {
        if (webhook.Namespaces.IsEmpty)
            return true;
        if (Scope.Kind is { Group: "", Plural: "namespaces" })
            return webhook.Namespaces.Matches((Value ?? Old).Object("metadata", "labels"));
        if (!Scope.Kind.Namespaced)
            return true;
        var name = (Value ?? Old).Text("metadata", "namespace") ?? "";
        return webhook.Namespaces.Matches(Scope.Store.Registry.Find("", "namespaces")?.Table.Find("", name)?.Labels);
    }

    private JsonObject Kind(string version) =>
        new() { ["group"] = Scope.Kind.Group, ["version"] = version, ["kind"] = Scope.Kind.Name };

    private JsonObject Resource(string version) =>
        new() { ["group"] = Scope.Kind.Group, ["version"] = version, ["resource"] = Scope.Kind.Plural };

    private JsonObject Options()
    {
        var name = Operation switch
        {
            "CREATE" => "CreateOptions",
            "UPDATE" => "UpdateOptions",
            _ => "DeleteOptions",
        };
        var options = DeleteOptions?.Copy() ?? [];
        options["kind"] = name;
        options["apiVersion"] = "meta.k8s.io/v1";
        foreach (var field in (System.ReadOnlySpan<string>)["fieldManager", "fieldValidation"])
        {
            if (DeleteOptions is null && Scope.Request.QueryValue(field) is { Length: > 0 } given)
                options[field] = given;
        }
        if (Scope.DryRun)
            options["dryRun"] = new JsonArray("All");
        return options;
    }

    private static JsonObject UserInfo(ApiRequest request)
    {
        var user = new JsonObject { ["username"] = request.User };
        if (request.UserUid.Length > 0)
            user["uid"] = request.UserUid;
        if (request.UserGroups is { IsDefaultOrEmpty: false } groups)
            user["groups"] = JsonTree.ToArray(groups);
        return user;
    }
}

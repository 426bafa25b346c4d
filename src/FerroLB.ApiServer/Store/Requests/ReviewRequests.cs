using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Access;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Patches;

namespace FerroLB.ApiServer.Store.Requests;

/// <summary>
/// Questions that are posted, answered and forgotten: who is behind a token, who am I, may somebody do something. Nothing is stored.
/// </summary>
internal static class ReviewRequests
{
    private const long ShortestTokenSeconds = 600;
    private const long LongestTokenSeconds = 1L << 32;
    private const long UsualTokenSeconds = 3600;

    /// <summary>Answers a POST to a virtual kind.</summary>
    public static ApiResponse Create(RequestScope scope)
    {
        var value = ObjectDecoding.Read(scope);
        var authorizer = new RoleAuthorizer(scope.Store);
        var (user, groups) = (scope.Request.User, scope.Request.UserGroups);
        var spec = value.Object("spec");
        value["metadata"] = new JsonObject { ["creationTimestamp"] = null };
        if (scope.Kind.Namespaced)
            value.Ensure("metadata")["namespace"] = scope.Namespace;
        value["status"] = scope.Kind.Name switch
        {
            "TokenReview" => TokenStatus(scope.Request, spec),
            "SelfSubjectReview" => new JsonObject { ["userInfo"] = UserInfo(user, scope.Request.UserUid, groups) },
            "SelfSubjectRulesReview" => RulesStatus(authorizer, new(user, groups, "") { Namespace = spec.Text("namespace") ?? "" }),
            "SelfSubjectAccessReview" => AccessStatus(scope, authorizer, AccessAttributes.Read(spec, user, groups)),
            _ => AccessStatus(scope, authorizer, Subject(scope, spec)),
        };
        return scope.Respond(201, value);
    }

    /// <summary>Answers a POST to serviceaccounts/NAME/token with everything but the token, which is a secret and made outside.</summary>
    public static ApiResponse Token(RequestScope scope)
    {
        var live = scope.Find();
        var body = scope.ParseBody(null) as JsonObject ?? throw ApiErrors.BadRequest("expected a TokenRequest");
        var seconds = body.Integer("spec", "expirationSeconds") ?? UsualTokenSeconds;
        if (seconds < ShortestTokenSeconds)
            throw ApiErrors.Invalid("authentication.k8s.io", "TokenRequest", "",
                [FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration less than 10 minutes")]);
        if (seconds > LongestTokenSeconds)
            throw ApiErrors.Invalid("authentication.k8s.io", "TokenRequest", "",
                [FieldError.Invalid("spec.expirationSeconds", seconds, "may not specify a duration larger than 2^32 seconds")]);
        var audiences = body.Array("spec", "audiences") is { Count: > 0 } given ? given.DeepClone() : new JsonArray(DefaultAudience);
        var ends = scope.Store.Now + System.TimeSpan.FromSeconds(seconds);
        return scope.Respond(201, new JsonObject
        {
            ["kind"] = "TokenRequest",
            ["apiVersion"] = "authentication.k8s.io/v1",
            ["metadata"] = new JsonObject
            {
                ["name"] = live.Name, ["namespace"] = live.Namespace, ["uid"] = live.Uid,
                ["creationTimestamp"] = ManagedFields.Rfc3339(scope.Store.Now),
            },
            ["spec"] = new JsonObject
            {
                ["audiences"] = audiences, ["expirationSeconds"] = seconds, ["boundObjectRef"] = body.At("spec",
                    "boundObjectRef")?.DeepClone(),
            },
            ["status"] = new JsonObject { ["token"] = "", ["expirationTimestamp"] = ManagedFields.Rfc3339(ends) },
        });
    }

    /// <summary>The audience of tokens that ask for none.</summary>
    public const string DefaultAudience = "https://kubernetes.default.svc.cluster.local";

    private static AccessAttributes? Subject(RequestScope scope, JsonObject? spec)
    {
        var (user, groups) = (spec.Text("user") ?? "", spec.Array("groups").Texts());
        if (user.Length == 0 && groups.Count == 0)
            throw Invalid(scope, FieldError.Invalid("spec.user", "", "at least one of user or group must be specified"));
        var asked = AccessAttributes.Read(spec, user, [.. groups]);
        if (scope.Kind.Namespaced && asked is not null && asked.Namespace != scope.Namespace)
            throw Invalid(scope, FieldError.Invalid("spec.resourceAttributes.namespace", asked.Namespace, "must match metadata.namespace"));
        return asked;
    }

    private static JsonObject AccessStatus(RequestScope scope, RoleAuthorizer authorizer, AccessAttributes? asked)
    {
        if (asked is null)
            throw Invalid(scope, FieldError.Invalid("spec.resourceAttributes", null,
                "exactly one of nonResourceAttributes or resourceAttributes must be specified"));
        var (allowed, reason) = authorizer.Decide(asked);
        var status = new JsonObject { ["allowed"] = allowed };
        if (reason.Length > 0)
            status["reason"] = reason;
        return status;
    }

    private static ApiException Invalid(RequestScope scope, FieldError error) =>
        ApiErrors.Invalid(scope.Kind.Group, scope.Kind.Name, "", [error]);

    private static JsonObject RulesStatus(RoleAuthorizer authorizer, AccessAttributes who)
    {
        var (resources, paths) = (new JsonArray(), new JsonArray());
        foreach (var rule in authorizer.RulesFor(who))
            (rule.Array("nonResourceURLs") is { Count: > 0 } ? paths : resources).Add(rule.DeepClone());
        return new JsonObject { ["resourceRules"] = resources, ["nonResourceRules"] = paths, ["incomplete"] = false };
    }

    private static JsonObject TokenStatus(ApiRequest request, JsonObject? spec)
    {
        if (request.Reviewed is not { } reviewed)
            return new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token" };
        var audiences = spec.Array("audiences").Texts();
        var common = audiences.FindAll(audience => reviewed.Audiences.Contains(audience));
        if (audiences.Count > 0 && common.Count == 0 && reviewed.Audiences.Length > 0)
            return new JsonObject { ["user"] = new JsonObject(), ["error"] = "invalid bearer token, audiences do not match" };
        return new JsonObject
        {
            ["authenticated"] = true,
            ["user"] = UserInfo(reviewed.Name, reviewed.Uid, reviewed.Groups),
            ["audiences"] = JsonTree.ToArray(audiences.Count == 0 ? [DefaultAudience] : common.Count > 0 ? common : audiences),
        };
    }

    private static JsonObject UserInfo(string name, string uid, ImmutableArray<string> groups)
    {
        var user = new JsonObject { ["username"] = name };
        if (uid.Length > 0)
            user["uid"] = uid;
        if (!groups.IsDefaultOrEmpty)
            user["groups"] = JsonTree.ToArray(groups);
        return user;
    }
}

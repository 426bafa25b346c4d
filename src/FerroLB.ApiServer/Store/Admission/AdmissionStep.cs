using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Cel;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Requests;
using FerroLB.ApiServer.Store.State;

namespace FerroLB.ApiServer.Store.Admission;

/// <summary>
/// The last step before a write: every validating webhook that wants to see it must allow it. The candidate is complete here: defaulted,
/// validated, with its metadata. Webhooks that have not been asked yet are noted, and the evaluation ends; see PendingRequest. The answers
/// are judged in the order of configurations and of webhooks in them, so a user gets the same message each time.
/// </summary>
internal static class AdmissionStep
{
    /// <summary>Asks about a new or changed object; throws the refusal.</summary>
    public static void Write(RequestScope scope, string operation, StoredObject? live, JsonObject value)
    {
        if (scope.Store.Webhooks.IsEmpty || IsExempt(scope))
            return;
        var old = live is null ? null : scope.Show(live);
        Judge(scope, Ask(scope, new AdmissionAttributes(scope, operation, value, old)));
    }

    /// <summary>
    /// Asks about a deletion; throws the refusal. A webhook that was not asked yet is only noted: the caller ends the evaluation.
    /// </summary>
    public static void Delete(RequestScope scope, StoredObject live, JsonObject options)
    {
        if (scope.Store.Webhooks.IsEmpty || IsExempt(scope))
            return;
        var asked = Ask(scope, new AdmissionAttributes(scope, "DELETE", null, scope.Show(live)) { DeleteOptions = options });
        if (asked.TrueForAll(question => question.Answer is not null))
            Judge(scope, asked);
    }

    // A broken webhook must not be able to prevent its own repair.
    private static bool IsExempt(RequestScope scope) => scope.Kind.Group == "admissionregistration.k8s.io";

    private static List<(AdmissionWebhook Webhook, ExternalAnswer? Answer)> Ask(RequestScope scope, AdmissionAttributes attributes)
    {
        var asked = new List<(AdmissionWebhook, ExternalAnswer?)>();
        foreach (var webhook in scope.Store.Webhooks.All)
        {
            if (attributes.VersionFor(webhook) is not { } version)
                continue;
            if (scope.DryRun && !webhook.AllowsDryRun)
                throw ApiErrors.BadRequest($"admission webhook \"{webhook.Name}\" does not support dry run");
            if (attributes.Request(version) is not { } request)
                continue;
            if (!AreMet(webhook, request))
                continue;
            var key = $"admit {webhook.Configuration}/{webhook.Name}/{webhook.ReviewVersion}: {JsonText.ToText(request)}";
            asked.Add((webhook, scope.Calls.Ask(key, id => AdmissionReviews.Call(webhook, request, id))));
        }
        return asked;
    }

    // One condition that does not hold is enough to pass the webhook over, even when another one cannot be told.
    private static bool AreMet(AdmissionWebhook webhook, JsonObject request)
    {
        string? error = null;
        foreach (var (name, expression) in webhook.Conditions)
        {
            try
            {
                if (CelEvaluator.Evaluate(
                    expression, ("object", request["object"]), ("oldObject", request["oldObject"]), ("request", request)) is false)
                    return false;
            }
            catch (System.Exception e) when (e is CelException or System.OverflowException or System.ArgumentException)
            {
                error ??= $"expression '{name}' resulted in error: {e.Message}";
            }
        }
        if (error is null)
            return true;
        return webhook.IgnoresFailure
            ? false
            : throw ApiErrors.Internal($"failed to call webhook \"{webhook.Name}\": matchConditions: {error}");
    }

    private static void Judge(RequestScope scope, List<(AdmissionWebhook Webhook, ExternalAnswer? Answer)> asked)
    {
        scope.Calls.Require();
        ApiException? refusal = null;
        foreach (var (webhook, answer) in asked)
            refusal = AdmissionReviews.Judge(webhook, answer!, scope.Warnings) is { } found ? refusal ?? found : refusal;
        if (refusal is not null)
            throw refusal;
    }
}

using System;
using System.Collections.Generic;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Json;

namespace FerroLB.ApiServer.Store.Admission;

/// <summary>AdmissionReview, admission.k8s.io v1 and v1beta1: how a webhook is asked, and what its answer means for the request.</summary>
internal static class AdmissionReviews
{
    /// <summary>The call that asks a webhook.</summary>
    public static ExternalCall Call(AdmissionWebhook webhook, JsonObject request, string id)
    {
        var withId = request.Copy();
        withId.Insert(0, "uid", id);
        var review = new JsonObject
        {
            ["kind"] = "AdmissionReview", ["apiVersion"] = "admission.k8s.io/" + webhook.ReviewVersion, ["request"] = withId,
        };
        return new ExternalCall
        {
            Id = id, Name = webhook.Name, Target = webhook.Target, Timeout = webhook.Timeout, Body = JsonText.Write(review),
        };
    }

    /// <summary>The refusal that an answer means; null when the request may go on. Warnings are added to those for the user.</summary>
    public static ApiException? Judge(AdmissionWebhook webhook, ExternalAnswer answer, List<string> warnings)
    {
        if (Read(webhook, answer, out var failure) is not { } response)
            return webhook.IgnoresFailure ? null : ApiErrors.Internal($"failed calling webhook \"{webhook.Name}\": {failure}");
        warnings.AddRange(response.Array("warnings").Texts());
        return response.Boolean("allowed") == true ? null : Denial(webhook.Name, response.Object("status"));
    }

    private static JsonObject? Read(AdmissionWebhook webhook, ExternalAnswer answer, out string failure)
    {
        failure = "failed to call webhook: " + answer.Error;
        if (answer.Error is not null)
            return null;
        JsonNode? review;
        try
        {
            review = JsonText.Parse(answer.Body.Span);
        }
        catch (JsonException e)
        {
            failure = "failed to call webhook: couldn't get version/kind; json parse error: " + e.Message;
            return null;
        }
        var expected = "admission.k8s.io/" + webhook.ReviewVersion;
        failure = "received invalid webhook response: ";
        var response = review.Object("response");
        if (review.Text("apiVersion") != expected || review.Text("kind") != "AdmissionReview")
            failure += $"expected webhook response of {expected}, Kind=AdmissionReview, got {review.Text("apiVersion")}, " +
                $"Kind={review.Text("kind")}";
        else if (response is null)
            failure += "webhook response was absent";
        else if (response.Text("uid") != answer.CallId)
            failure += $"expected response.uid=\"{answer.CallId}\", got \"{response.Text("uid")}\"";
        else
            return response;
        return null;
    }

    // Whatever the webhook says, a refusal is a failure with a code of at least 400.
    private static ApiException Denial(string webhook, JsonObject? status)
    {
        var code = Math.Max(400, status.Integer("code") ?? 400);
        var reason = status.Text("reason") ?? "";
        var explanation = status.Text("message") is { Length: > 0 } message ? ": " + message
            : reason.Length > 0 ? ": " + reason
            : " without explanation";
        return new((int)Math.Min(code, 599), reason, $"admission webhook \"{webhook}\" denied the request{explanation}",
            status.Object("details")?.Copy());
    }
}

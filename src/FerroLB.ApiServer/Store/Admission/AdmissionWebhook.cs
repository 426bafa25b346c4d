using System;
using System.Collections.Generic;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Calls;
using FerroLB.ApiServer.Store.Cel;
using FerroLB.ApiServer.Store.Json;
using FerroLB.ApiServer.Store.Selection;

namespace FerroLB.ApiServer.Store.Admission;

/// <summary>One webhook of a webhook configuration that passed validation.</summary>
internal sealed class AdmissionWebhook
{
    /// <summary>Reads a webhook.</summary>
    public AdmissionWebhook(string configuration, JsonNode? source)
    {
        Configuration = configuration;
        Name = source.Text("name") ?? "";
        Target = WebhookTarget.Read(source.Object("clientConfig"));
        foreach (var rule in source.Array("rules") ?? [])
            Rules.Add(new WebhookRule(rule));
        IgnoresFailure = source.Text("failurePolicy") == "Ignore";
        TakesEquivalents = source.Text("matchPolicy") != "Exact";
        Namespaces = new ObjectSelector(source.Object("namespaceSelector"));
        Objects = new ObjectSelector(source.Object("objectSelector"));
        AllowsDryRun = source.Text("sideEffects") is "None" or "NoneOnDryRun";
        Timeout = TimeSpan.FromSeconds(source.Integer("timeoutSeconds") ?? 10);
        foreach (var condition in source.Array("matchConditions") ?? [])
        {
            if (CelParser.TryParse(condition.Text("expression") ?? "", out var expression, out _))
                Conditions.Add((condition.Text("name") ?? "", expression!));
        }
        ReviewVersion = source.Array("admissionReviewVersions").Texts().Find(version => version is "v1" or "v1beta1") ?? "v1";
    }

    /// <summary>The configuration that holds it.</summary>
    public string Configuration { get; }

    /// <summary>Its own name.</summary>
    public string Name { get; }

    /// <summary>Where it listens.</summary>
    public WebhookTarget Target { get; }

    /// <summary>What it wants to see.</summary>
    public List<WebhookRule> Rules { get; } = [];

    /// <summary>Whether a request goes on when the webhook cannot be asked.</summary>
    public bool IgnoresFailure { get; }

    /// <summary>Whether a request for another version of the same resource is meant as well.</summary>
    public bool TakesEquivalents { get; }

    /// <summary>In which namespaces.</summary>
    public ObjectSelector Namespaces { get; }

    /// <summary>Which objects, old or new.</summary>
    public ObjectSelector Objects { get; }

    /// <summary>What must hold besides, over object, oldObject and request.</summary>
    public List<(string Name, CelNode Expression)> Conditions { get; } = [];

    /// <summary>Whether it may be asked about a dry run.</summary>
    public bool AllowsDryRun { get; }

    /// <summary>How long it may take, 1 to 30 seconds.</summary>
    public TimeSpan Timeout { get; }

    /// <summary>The version of AdmissionReview to send.</summary>
    public string ReviewVersion { get; }
}

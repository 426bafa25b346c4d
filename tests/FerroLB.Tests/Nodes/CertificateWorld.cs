using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Core;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Tls;

namespace FerroLB.Tests.Nodes;

/// <summary>
/// Replicas of the certificate machine around one small API with versions, under one virtual clock; keys and signatures are real. An API
/// server's call of the webhook is modelled by <see cref="IsBelieved"/>.
/// </summary>
internal sealed class CertificateWorld
{
    public static readonly CertificateOptions Options = new("metallb-system");
    public static readonly string DnsName = Options.DnsNames[0];

    private readonly SortedDictionary<(string Plural, ObjectKey Key), JsonObject> _objects = [];
    private readonly List<Replica> _replicas = [];
    private long _version = 100;
    private bool _isSuspect;

    public DateTimeOffset Utc { get; set; } = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Instant Now { get; private set; } = Instant.Zero;

    /// <summary>Answers instead of the API when it gives a status code.</summary>
    public Func<KubeRequest, int?>? Fault { get; set; }

    /// <summary>What every caBundle of every object must satisfy at any time; looked at after each step.</summary>
    public Action? Invariant { get; set; }

    public IReadOnlyList<Replica> Replicas => _replicas;

    /// <summary>Bytes of PEM in the Secret.</summary>
    public CertificateBundle? Stored
    {
        get
        {
            if (Find(KubeResource.Secrets, Options.Secret)?["data"] is not JsonObject data)
                return null;
            string Text(string key) => data[key] is { } value ? Encoding.UTF8.GetString(Convert.FromBase64String(value.ToString())) : "";
            return new(Text("ca.crt"), Text("ca.key"), Text("tls.crt"), Text("tls.key"));
        }
    }

    public CertificateWorld WithRegistrations(int webhooks = 6)
    {
        var clients = Enumerable.Range(0, webhooks)
            .Select(i => $$$"""{"name":"w{{{i}}}","clientConfig":{"service":{"name":"s","namespace":"n"}},"sideEffects":"None"}""");
        Put(KubeResource.ValidatingWebhookConfigurations,
            $$"""{"metadata":{"name":"{{Options.ConfigurationName}}"},"webhooks":[{{string.Join(',', clients)}}]}""");
        Put(KubeResource.CustomResourceDefinitions, $$"""
            {"metadata":{"name":"{{Options.DefinitionName}}"},"spec":{"conversion":{"strategy":"Webhook","webhook":
            {"conversionReviewVersions":["v1"],"clientConfig":{"service":{"name":"s","namespace":"n","path":"/convert"} } } } } }
            """);
        return this;
    }

    /// <summary>Starts a replica and lets everything settle.</summary>
    public Replica Start(ulong seed = 1)
    {
        var replica = new Replica(new(Options, $"pod-{seed}", new RequestIds(), new SeededRandom(seed)));
        _replicas.Add(replica);
        replica.Machine.Handle(new NodeInput.ClockRead(Utc), Now);
        Settle();
        return replica;
    }

    public void Stop(Replica replica) => _replicas.Remove(replica);

    public JsonObject? Find(KubeResource resource, ObjectKey key) => _objects.GetValueOrDefault((resource.Plural, key));

    public void Put(KubeResource resource, string json)
    {
        var value = JsonNode.Parse(json)!.AsObject();
        var meta = value["metadata"]!;
        var key = new ObjectKey(meta["namespace"]?.ToString() ?? "", meta["name"]!.ToString());
        meta["uid"] = Find(resource, key)?["metadata"]?["uid"]?.ToString() ?? $"uid-{_version}";
        Store(resource, key, value, Find(resource, key) is null ? "ADDED" : "MODIFIED");
        Settle();
    }

    public void PutSecret(params (string Key, string Text)[] data)
    {
        var fields = data.Select(item => $"\"{item.Key}\":\"{Convert.ToBase64String(Encoding.UTF8.GetBytes(item.Text))}\"");
        Put(KubeResource.Secrets, $$"""
            {"metadata":{"namespace":"{{Options.Namespace}}","name":"{{Options.SecretName}}"},"data":{ {{string.Join(',', fields)}} } }
            """);
    }

    public void PutSecret(CertificateBundle bundle) => PutSecret(
        ("ca.crt", bundle.CaCertificate), ("ca.key", bundle.CaKey), ("tls.crt", bundle.ServerCertificate), ("tls.key", bundle.ServerKey));

    public void DeleteSecret()
    {
        if (!_objects.Remove(("secrets", Options.Secret), out var value))
            return;
        value["metadata"]!["resourceVersion"] = Next();
        Notify(KubeResource.Secrets, Options.Secret, value, "DELETED");
        Settle();
    }

    /// <summary>Every caBundle there is, by object and place.</summary>
    public IEnumerable<TrustBundle> Bundles() => Webhooks().Select(client => TrustBundle.Read(client["caBundle"]?.ToString()));

    public IEnumerable<JsonObject> Webhooks() =>
        (Find(KubeResource.ValidatingWebhookConfigurations, new("", Options.ConfigurationName))?["webhooks"]?.AsArray() ?? [])
            .Select(webhook => webhook!["clientConfig"]!.AsObject())
            .Concat(Find(KubeResource.CustomResourceDefinitions, new("", Options.DefinitionName)) is { } definition
                ? [definition["spec"]!["conversion"]!["webhook"]!["clientConfig"]!.AsObject()]
                : []);

    /// <summary>Whether the API server would accept what a replica shows, by each caBundle.</summary>
    public bool IsBelieved(Replica replica) =>
        replica.Served is { } served && CertificateRules.Judge(served, DnsName, Utc).IsServable &&
        Bundles().All(bundle => bundle.Authorities.Contains(TrustBundle.Canonical(served.CaCertificate)));

    /// <summary>Lets time pass, on both clocks, from deadline to deadline.</summary>
    public void Pass(TimeSpan time)
    {
        var end = Now + time;
        while (_replicas.Select(replica => replica.Machine.NextDeadline).Aggregate<Instant?, Instant?>(null, Instant.Earlier) is { } next &&
            next <= end)
            Move(next > Now ? next : Now);
        Move(end);
    }

    /// <summary>Lets days pass, waking the replicas for a few minutes of each only: what is due is done late.</summary>
    public void PassDays(int days, int atOnce = 1)
    {
        for (var i = 0; i < days; i += atOnce)
        {
            Move(Now + TimeSpan.FromDays(atOnce));
            Pass(TimeSpan.FromMinutes(1));
        }
    }

    /// <summary>The wall clock steps; the monotonic one does not.</summary>
    public void Step(TimeSpan span)
    {
        Utc += span;
        Settle();
    }

    private void Move(Instant to)
    {
        _isSuspect = true;
        Utc += to - Now;
        Now = to;
        Settle();
    }

    private void Settle()
    {
        foreach (var replica in _replicas)
            replica.Machine.Handle(new NodeInput.ClockRead(Utc), Now);
        for (var step = 0; step < 10_000; step++)
        {
            var isBusy = false;
            foreach (var replica in _replicas)
                isBusy |= Step(replica);
            if (_isSuspect)
                Invariant?.Invoke();
            _isSuspect = false;
            if (!isBusy)
                return;
        }
        throw new InvalidOperationException("the replicas do not come to rest");
    }

    private bool Step(Replica replica)
    {
        if (replica.Machine.NextDeadline <= Now)
            replica.Machine.Advance(Now);
        var isBusy = replica.Inbox.TryDequeue(out var input);
        if (isBusy)
            replica.Machine.Handle(input!, Now);
        while (replica.Machine.TryTake(out var output))
        {
            isBusy = true;
            Execute(replica, output);
        }
        return isBusy || replica.Machine.NextDeadline <= Now;
    }

    private void Execute(Replica replica, NodeOutput output)
    {
        switch (output)
        {
            case NodeOutput.SendKubeRequest { Request: var request } when Fault?.Invoke(request) is { } status:
                replica.Inbox.Enqueue(Answer(request, status, new JsonObject { ["message"] = "refused by the test" }));
                break;
            case NodeOutput.SendKubeRequest { Request: { Verb: KubeVerb.Watch } request }:
                replica.Watches[request.Id] = request;
                break;
            case NodeOutput.SendKubeRequest send:
                replica.Requests.Add(send.Request);
                replica.Inbox.Enqueue(Handle(send.Request));
                break;
            case NodeOutput.CancelKubeRequest cancel:
                replica.Watches.Remove(cancel.RequestId);
                break;
            case NodeOutput.IssueCertificate issue:
                replica.Orders.Add(issue.Order);
                if (!replica.IsIssuerBroken)
                    replica.Inbox.Enqueue(new NodeInput.CertificateIssued(issue.Order.Id, CertificateIssuer.Issue(issue.Order), null));
                else
                    replica.Inbox.Enqueue(new NodeInput.CertificateIssued(issue.Order.Id, null, "no randomness"));
                break;
            case NodeOutput.ServeCertificate serve:
                replica.Served = serve.Bundle;
                _isSuspect = true;
                break;
            case NodeOutput.WriteLog log:
                replica.Logs.Add(log.Event);
                break;
        }
    }

    private NodeInput.KubeResponded Handle(KubeRequest request)
    {
        var key = new ObjectKey(request.Namespace ?? "", request.Name ?? "");
        switch (request.Verb)
        {
            case KubeVerb.List:
                var items = _objects.Where(entry => IsSelected(request, entry.Key.Plural, entry.Key.Key))
                    .Select(entry => entry.Value.DeepClone());
                return Answer(request, 200, new JsonObject
                {
                    ["metadata"] = new JsonObject { ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture) },
                    ["items"] = new JsonArray([.. items]),
                });
            case KubeVerb.Create:
                var created = JsonNode.Parse(request.Body.Span)!.AsObject();
                key = new(request.Namespace ?? "", created["metadata"]!["name"]!.ToString());
                if (Find(request.Resource, key) is not null)
                    return Answer(request, 409, []);
                created["metadata"]!["uid"] = $"uid-{_version}";
                Store(request.Resource, key, created, "ADDED");
                return Answer(request, 201, created);
            case KubeVerb.Patch when Find(request.Resource, key) is { } found:
                var patched = found.DeepClone().AsObject();
                var version = Patch(patched, JsonNode.Parse(request.Body.Span)!);
                if (version != found["metadata"]!["resourceVersion"]!.ToString())
                    return Answer(request, 409, []);
                Store(request.Resource, key, patched, "MODIFIED");
                return Answer(request, 200, patched);
            default:
                return Answer(request, 404, []);
        }
    }

    /// <summary>Applies a merge or JSON patch; the version that it asks for.</summary>
    private static string Patch(JsonObject value, JsonNode patch)
    {
        if (patch is JsonObject merge)
        {
            var data = value["data"] as JsonObject ?? [];
            value["data"] = data;
            foreach (var (name, text) in merge["data"]!.AsObject())
                data[name] = text!.ToString();
            return merge["metadata"]!["resourceVersion"]!.ToString();
        }
        var version = "";
        foreach (var operation in patch.AsArray())
        {
            var path = operation!["path"]!.ToString();
            if (path == "/metadata/resourceVersion")
                version = operation["value"]!.ToString();
            else
                Place(value, path.Split('/')[1..^1])["caBundle"] = operation["value"]!.ToString();
        }
        return version;
    }

    private static JsonObject Place(JsonNode value, IEnumerable<string> path) => path.Aggregate(
        value, (node, name) => node is JsonArray array ? array[int.Parse(name, CultureInfo.InvariantCulture)]! : node[name]!).AsObject();

    private static bool IsSelected(KubeRequest request, string plural, ObjectKey key) =>
        plural == request.Resource.Plural && (request.Namespace is null || key.Namespace == request.Namespace) &&
        (request.FieldSelector is null || request.FieldSelector == $"metadata.name={key.Name}");

    private void Store(KubeResource resource, ObjectKey key, JsonObject value, string type)
    {
        value["metadata"]!["resourceVersion"] = Next();
        _isSuspect = true;
        _objects[(resource.Plural, key)] = value;
        Notify(resource, key, value, type);
    }

    private void Notify(KubeResource resource, ObjectKey key, JsonObject value, string type)
    {
        var line = Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["object"] = value.DeepClone() }.ToJsonString());
        foreach (var replica in _replicas)
        {
            foreach (var watch in replica.Watches.Values.Where(watch => IsSelected(watch, resource.Plural, key)))
                replica.Inbox.Enqueue(new NodeInput.WatchEventReceived(watch.Id, line));
        }
    }

    private string Next() => (++_version).ToString(CultureInfo.InvariantCulture);

    private static NodeInput.KubeResponded Answer(KubeRequest request, int status, JsonObject body) =>
        new(new KubeResponse(request.Id, status, Encoding.UTF8.GetBytes(body.ToJsonString())));

    /// <summary>One replica with what it said and did.</summary>
    internal sealed class Replica(CertificateMachine machine)
    {
        public CertificateMachine Machine { get; } = machine;

        public Queue<NodeInput> Inbox { get; } = new();

        public SortedDictionary<long, KubeRequest> Watches { get; } = [];

        public List<KubeRequest> Requests { get; } = [];

        public List<CertificateOrder> Orders { get; } = [];

        public List<LogEvent> Logs { get; } = [];

        public CertificateBundle? Served { get; set; }

        public bool IsIssuerBroken { get; set; }

        public IEnumerable<KubeRequest> Writes(KubeResource resource) =>
            Requests.Where(request => request.Resource == resource && request.Verb is KubeVerb.Create or KubeVerb.Patch);

        public IEnumerable<string> EventReasons() =>
            Requests.Where(request => request.Resource.Kind == "Event")
                .Select(request => JsonNode.Parse(request.Body.Span)!["reason"]!.ToString());
    }
}

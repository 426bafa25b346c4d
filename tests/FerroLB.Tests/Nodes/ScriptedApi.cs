using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Core;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;

namespace FerroLB.Tests.Nodes;

/// <summary>A tiny Kubernetes API in memory: versions, merge patches with preconditions, lists, watches, and faults at will.</summary>
internal sealed class ScriptedApi
{
    private readonly SortedDictionary<(string Plural, ObjectKey Key), JsonObject> _objects = [];
    private readonly SortedDictionary<long, KubeRequest> _watches = [];
    private readonly Queue<NodeInput> _toNode = new();
    private readonly Queue<KubeRequest> _delayed = new();
    private readonly List<(long Version, KubeResource Resource, string? Namespace, byte[] Line)> _history = [];
    private long _version = 100;
    private long _uid;

    /// <summary>Answers instead of the API when it gives a response.</summary>
    public Func<KubeRequest, KubeResponse?>? Fault { get; set; }

    /// <summary>Objects get their node-side events only while this is true; turned off, watches lag behind.</summary>
    public bool DeliversEvents { get; set; } = true;

    /// <summary>Requests for which this is true stay on their way until <see cref="Deliver"/>.</summary>
    public Func<KubeRequest, bool>? Delay { get; set; }

    /// <summary>Every request that arrived.</summary>
    public List<KubeRequest> Requests { get; } = [];

    /// <summary>Writes that were accepted, without events, Leases and the marks of a new leader.</summary>
    public int AcceptedPatches { get; private set; }

    /// <summary>Marks of a new leader, and of a change of addresses, that were accepted.</summary>
    public int AcceptedMarks { get; private set; }

    public int OpenWatches => _watches.Count;

    public IEnumerable<JsonObject> All(KubeResource resource) =>
        _objects.Where(entry => entry.Key.Plural == resource.Plural).Select(entry => entry.Value);

    public JsonObject? Find(KubeResource resource, string ns, string name) =>
        _objects.GetValueOrDefault((resource.Plural, new ObjectKey(ns, name)));

    /// <summary>Creates or replaces an object as a user would: the status stays unless given.</summary>
    public void Put(KubeResource resource, string json)
    {
        var value = JsonNode.Parse(json)!.AsObject();
        var meta = value["metadata"]!.AsObject();
        var key = KeyOf(meta);
        var before = _objects.GetValueOrDefault((resource.Plural, key));
        meta["uid"] = before is null ? $"uid-{++_uid}" : before["metadata"]!["uid"]!.GetValue<string>();
        meta["generation"] = (before?["metadata"]?["generation"]?.GetValue<long>() ?? 0) + 1;
        if (before?["status"] is { } status && !value.ContainsKey("status"))
            value["status"] = status.DeepClone();
        Store(resource, key, value, before is null ? "ADDED" : "MODIFIED");
    }

    public void Delete(KubeResource resource, string ns, string name)
    {
        if (!_objects.Remove((resource.Plural, new ObjectKey(ns, name)), out var value))
            return;
        value["metadata"]!["resourceVersion"] = Next();
        Notify(resource, "DELETED", value);
    }

    /// <summary>Takes a request; what the node hears in answer is in <see cref="TryTake"/>.</summary>
    public void Handle(KubeRequest request)
    {
        Requests.Add(request);
        if (Delay?.Invoke(request) == true)
        {
            _delayed.Enqueue(request);
            return;
        }
        if (Fault?.Invoke(request) is { } failure)
        {
            _toNode.Enqueue(new NodeInput.KubeResponded(failure));
            return;
        }
        if (request.Verb == KubeVerb.Watch)
            OpenWatch(request);
        else
            _toNode.Enqueue(new NodeInput.KubeResponded(Answer(request)));
    }

    /// <summary>Lets the delayed requests arrive.</summary>
    public void Deliver()
    {
        Delay = null;
        while (_delayed.TryDequeue(out var request))
            Handle(request);
    }

    public void Cancel(long requestId) => _watches.Remove(requestId);

    /// <summary>Sends a raw line to every watch of a kind.</summary>
    public void SendLine(KubeResource resource, string line)
    {
        foreach (var watch in _watches.Values.Where(watch => watch.Resource == resource))
            _toNode.Enqueue(new NodeInput.WatchEventReceived(watch.Id, Encoding.UTF8.GetBytes(line)));
    }

    public void CloseWatches()
    {
        foreach (var id in _watches.Keys)
            _toNode.Enqueue(new NodeInput.WatchClosed(id, "closed by the test"));
        _watches.Clear();
    }

    /// <summary>The process at the other end is gone: its watches end, and nobody hears the answers.</summary>
    public void Disconnect()
    {
        _watches.Clear();
        _toNode.Clear();
    }

    public bool TryTake(out NodeInput input) => _toNode.TryDequeue(out input!);

    /// <summary>A watch begins with what happened since the version from which it is opened.</summary>
    private void OpenWatch(KubeRequest request)
    {
        _watches[request.Id] = request;
        var from = long.Parse(request.ResourceVersion!, CultureInfo.InvariantCulture);
        foreach (var (version, resource, ns, line) in _history)
        {
            if (version > from && resource == request.Resource && (request.Namespace ?? ns) == ns)
                _toNode.Enqueue(new NodeInput.WatchEventReceived(request.Id, line));
        }
    }

    private KubeResponse Answer(KubeRequest request)
    {
        var key = new ObjectKey(request.Namespace ?? "", request.Name ?? "");
        var found = _objects.GetValueOrDefault((request.Resource.Plural, key));
        return request.Verb switch
        {
            KubeVerb.List => List(request),
            KubeVerb.Create => Create(request),
            _ when found is null => Refuse(request, 404, "NotFound"),
            KubeVerb.Get => Ok(request, found),
            KubeVerb.Patch => Patch(request, key, found),
            KubeVerb.Delete => Remove(request, found),
            _ => Refuse(request, 405, "MethodNotAllowed"),
        };
    }

    private KubeResponse List(KubeRequest request)
    {
        var all = All(request.Resource)
            .Where(value => request.Namespace is null || value["metadata"]!["namespace"]?.GetValue<string>() == request.Namespace).ToList();
        var from = request.Continue is { } token ? int.Parse(token, CultureInfo.InvariantCulture) : 0;
        var page = all.Skip(from).Take(request.PageSize).Select(value => value.DeepClone()).ToArray();
        var next = from + page.Length < all.Count ? (from + page.Length).ToString(CultureInfo.InvariantCulture) : "";
        var list = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = _version.ToString(CultureInfo.InvariantCulture), ["continue"] = next },
            ["items"] = new JsonArray(page),
        };
        return Ok(request, list);
    }

    private KubeResponse Create(KubeRequest request)
    {
        var value = JsonNode.Parse(request.Body.Span)!.AsObject();
        if (value["metadata"]!["generateName"] is { } prefix)
            value["metadata"]!["name"] = $"{prefix}{_version}";
        var key = KeyOf(value["metadata"]!.AsObject());
        if (_objects.ContainsKey((request.Resource.Plural, key)))
            return Refuse(request, 409, "AlreadyExists");
        value["metadata"]!["uid"] = $"uid-{++_uid}";
        Store(request.Resource, key, value, "ADDED");
        return Ok(request, value);
    }

    private KubeResponse Remove(KubeRequest request, JsonObject found)
    {
        Delete(request.Resource, request.Namespace!, request.Name!);
        return Ok(request, found);
    }

    private KubeResponse Patch(KubeRequest request, ObjectKey key, JsonObject found)
    {
        var patch = JsonNode.Parse(request.Body.Span)!.AsObject();
        var meta = patch["metadata"]?.AsObject();
        foreach (var condition in new[] { "uid", "resourceVersion" })
        {
            if (meta?[condition]?.GetValue<string>() is { } wanted && found["metadata"]![condition]!.GetValue<string>() != wanted)
                return Refuse(request, 409, "Conflict");
        }
        var value = found.DeepClone().AsObject();
        foreach (var part in new[] { "annotations", "labels", "ownerReferences" })
        {
            if (meta?[part] is { } changed)
                Merge(value["metadata"]!.AsObject(), new JsonObject { [part] = changed.DeepClone() });
        }
        foreach (var part in new[] { "status", "spec" })
        {
            if (patch[part] is { } change)
                Merge(value, new JsonObject { [part] = change.DeepClone() });
        }
        if (meta?["annotations"]?[MetallbAnnotation.Open] is not null)
            AcceptedMarks++;
        else if (request.Resource != KubeResource.Leases)
            AcceptedPatches++;
        Store(request.Resource, key, value, "MODIFIED");
        return Ok(request, value);
    }

    private static void Merge(JsonObject into, JsonObject patch)
    {
        foreach (var (name, value) in patch)
        {
            if (value is null)
                into.Remove(name);
            else if (value is JsonObject inner)
            {
                if (into[name] is not JsonObject target)
                    into[name] = target = [];
                Merge(target, inner);
            }
            else
                into[name] = value.DeepClone();
        }
    }

    private void Store(KubeResource resource, ObjectKey key, JsonObject value, string type)
    {
        value["metadata"]!["resourceVersion"] = Next();
        _objects[(resource.Plural, key)] = value;
        Notify(resource, type, value);
    }

    private void Notify(KubeResource resource, string type, JsonObject value)
    {
        if (!DeliversEvents)
            return;
        var ns = value["metadata"]!["namespace"]?.GetValue<string>();
        var line = Encoding.UTF8.GetBytes(new JsonObject { ["type"] = type, ["object"] = value.DeepClone() }.ToJsonString());
        _history.Add((_version, resource, ns, line));
        foreach (var watch in _watches.Values.Where(watch => watch.Resource == resource && (watch.Namespace ?? ns) == ns))
            _toNode.Enqueue(new NodeInput.WatchEventReceived(watch.Id, line));
    }

    private string Next() => (++_version).ToString(CultureInfo.InvariantCulture);

    private static ObjectKey KeyOf(JsonObject meta) => new(meta["namespace"]?.GetValue<string>() ?? "", meta["name"]!.GetValue<string>());

    private static KubeResponse Ok(KubeRequest request, JsonObject body) =>
        new(request.Id, 200, Encoding.UTF8.GetBytes(body.ToJsonString()));

    private static KubeResponse Refuse(KubeRequest request, int code, string reason) =>
        new(request.Id, code, Encoding.UTF8.GetBytes(
            $$"""{"kind":"Status","code":{{code}},"reason":"{{reason}}","message":"{{reason}}"}"""));
}

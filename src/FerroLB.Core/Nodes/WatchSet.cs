using System;
using System.Collections.Generic;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>The reflectors of one node: hands answers and lines to whom they belong, and passes on what the reflectors order.</summary>
internal sealed class WatchSet(RequestIds ids, SeededRandom random, Queue<NodeOutput> outputs)
{
    private readonly List<Feed> _feeds = [];
    private readonly StringTable _strings = new();

    /// <summary>Whether every kind that is needed was listed completely once.</summary>
    public bool IsSynced => _feeds.TrueForAll(feed => feed.IsSynced || !feed.IsNeeded);

    /// <summary>Whether every needed picture holds all that the server had stored when a request was made.</summary>
    public bool IsListedSince(long requestId) => _feeds.TrueForAll(feed => !feed.IsNeeded || feed.ListedSince > requestId);

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline
    {
        get
        {
            Instant? earliest = null;
            foreach (var feed in _feeds)
                earliest = Instant.Earlier(earliest, feed.NextDeadline);
            return earliest;
        }
    }

    /// <summary>The strings shared by all pictures of the node.</summary>
    public StringTable Strings => _strings;

    /// <summary>Watches one object, without which the node works as well.</summary>
    public ReflectorMachine<T> AddSingle<T>(KubeKind<T> kind, ObjectKey key, Action<ReflectorOutput<T>.Changed> onChanged)
        where T : KubeObject
    {
        var options = new ReflectorOptions(key.Namespace, FieldSelector: $"metadata.name={key.Name}");
        var reflector = new ReflectorMachine<T>(kind, options, ids, _strings, random);
        _feeds.Add(new Feed<T>(reflector, onChanged, _ => { }, outputs) { IsNeeded = false });
        return reflector;
    }

    /// <summary>Adds a kind to watch; one that is not needed delays nothing while it cannot be read.</summary>
    public ReflectorMachine<T> Add<T>(
        KubeKind<T> kind,
        string? ns,
        Action<ReflectorOutput<T>.Changed> onChanged,
        Action<JsonFault>? onFaulted = null,
        bool isNeeded = true)
        where T : KubeObject =>
        Add(kind, new ReflectorOptions(ns), onChanged, onFaulted, isNeeded);

    /// <summary>Adds a kind of which only objects with these labels are watched, and without which the node works as well. May be called
    /// at any time.</summary>
    public ReflectorMachine<T> AddSelected<T>(
        KubeKind<T> kind, string ns, string labelSelector, Action<ReflectorOutput<T>.Changed> onChanged)
        where T : KubeObject =>
        Add(kind, new ReflectorOptions(ns, labelSelector), onChanged, null, isNeeded: false);

    private ReflectorMachine<T> Add<T>(
        KubeKind<T> kind, ReflectorOptions options, Action<ReflectorOutput<T>.Changed> onChanged, Action<JsonFault>? onFaulted,
        bool isNeeded)
        where T : KubeObject
    {
        var reflector = new ReflectorMachine<T>(kind, options, ids, _strings, random);
        _feeds.Add(new Feed<T>(reflector, onChanged, onFaulted ?? (_ => { }), outputs) { IsNeeded = isNeeded });
        return reflector;
    }

    /// <summary>Hands an input to the reflector that it belongs to; false when it is none's.</summary>
    public bool Handle(NodeInput input, Instant now)
    {
        (long Id, ReflectorInput? Input) addressed = input switch
        {
            NodeInput.KubeResponded { Response: var response } => (response.Id, new ReflectorInput.Responded(response)),
            NodeInput.WatchEventReceived line => (line.RequestId, new ReflectorInput.LineReceived(line.RequestId, line.Line)),
            NodeInput.WatchClosed closed => (closed.RequestId, new ReflectorInput.WatchClosed(closed.RequestId, closed.Reason)),
            _ => (0, null),
        };
        if (addressed.Input is null || _feeds.Find(feed => feed.Owns(addressed.Id)) is not { } owner)
            return false;
        var wasFailing = owner.IsFailing;
        owner.Handle(addressed.Input, now);
        if (wasFailing && !owner.IsFailing)
            Hasten(now);
        return true;
    }

    /// <summary>Lets every reflector do what is due.</summary>
    public void Advance(Instant now)
    {
        foreach (var feed in _feeds)
            feed.Advance(now);
    }

    /// <summary>Lists every kind anew that was not listed since a request was made.</summary>
    public void Relist(long since, Instant now)
    {
        foreach (var feed in _feeds)
            feed.Relist(since, now);
    }

    /// <summary>The API server answered somebody else of this node: attempts that wait only for that come soon.</summary>
    public void Hasten(Instant now)
    {
        foreach (var feed in _feeds)
            feed.Hasten(now);
    }

    /// <summary>Passes on what reflectors ordered when somebody else than this set called them.</summary>
    public void Drain()
    {
        foreach (var feed in _feeds)
            feed.Drain();
    }

    private abstract class Feed
    {
        public bool IsNeeded { get; init; } = true;

        public abstract bool IsSynced { get; }

        public abstract long ListedSince { get; }

        public abstract Instant? NextDeadline { get; }

        public abstract bool IsFailing { get; }

        public abstract bool Owns(long requestId);

        public abstract void Hasten(Instant now);

        public abstract void Relist(long since, Instant now);

        public abstract void Handle(ReflectorInput input, Instant now);

        public abstract void Advance(Instant now);

        public abstract void Drain();
    }

    private sealed class Feed<T>(
        ReflectorMachine<T> reflector,
        Action<ReflectorOutput<T>.Changed> onChanged,
        Action<JsonFault> onFaulted,
        Queue<NodeOutput> outputs) : Feed
        where T : KubeObject
    {
        public override bool IsSynced => reflector.IsSynced;

        public override long ListedSince => reflector.ListedSince;

        public override Instant? NextDeadline => reflector.NextDeadline;

        public override bool IsFailing => reflector.IsFailing;

        public override bool Owns(long requestId) => reflector.Owns(requestId);

        public override void Hasten(Instant now) => reflector.Hasten(now);

        public override void Relist(long since, Instant now)
        {
            reflector.Relist(since, now);
            Drain();
        }

        public override void Handle(ReflectorInput input, Instant now)
        {
            reflector.Handle(input, now);
            Drain();
        }

        public override void Advance(Instant now)
        {
            reflector.Advance(now);
            Drain();
        }

        public override void Drain()
        {
            while (reflector.TryTake(out var output))
            {
                switch (output)
                {
                    case ReflectorOutput<T>.SendRequest send:
                        outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
                        break;
                    case ReflectorOutput<T>.CancelRequest cancel:
                        outputs.Enqueue(new NodeOutput.CancelKubeRequest(cancel.RequestId));
                        break;
                    case ReflectorOutput<T>.WriteLog log:
                        outputs.Enqueue(new NodeOutput.WriteLog(log.Event));
                        break;
                    case ReflectorOutput<T>.Changed changed:
                        onChanged(changed);
                        break;
                    case ReflectorOutput<T>.Faulted faulted:
                        onFaulted(faulted.Fault);
                        break;
                }
            }
        }
    }
}

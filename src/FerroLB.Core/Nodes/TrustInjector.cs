using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the `caBundle` of every object that registers our webhooks: the authority of the Secret, the one that this replica still serves
/// with, and for <see cref="Overlap"/> any of ours that it finds there, since another replica may serve with it. Nobody adds an authority
/// that only others need, and nobody takes one away before its time, so replicas that started at different moments do not undo each
/// other's writes. Whatever else somebody writes there is taken out again, more and more slowly if it keeps coming back.
/// </summary>
internal sealed class TrustInjector
{
    /// <summary>How long an authority that is no longer in force stays believed.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromHours(1);

    private const int MostRetiring = 8;
    private static readonly BackOff Delay = new(TimeSpan.FromMilliseconds(500), TimeSpan.FromMinutes(1));
    private static readonly TimeSpan CalmAfter = TimeSpan.FromMinutes(5);

    /// <summary>How long a conflicting write waits for the watch to bring the newer version.</summary>
    private static readonly TimeSpan ConflictWait = TimeSpan.FromSeconds(10);

    private readonly Target[] _targets;
    private readonly WatchSet _watches;
    private readonly WriteQueue _writes;
    private readonly Queue<NodeOutput> _outputs;
    private readonly SortedDictionary<string, Instant> _retiring = new(StringComparer.Ordinal);

    /// <summary>Begins to watch the objects.</summary>
    public TrustInjector(CertificateOptions options, WatchSet watches, WriteQueue writes, Queue<NodeOutput> outputs)
    {
        (_watches, _writes, _outputs) = (watches, writes, outputs);
        _targets =
        [
            Watch(KubeKinds.ValidatingWebhookConfigurations, options.ConfigurationName),
            Watch(KubeKinds.CustomResourceDefinitions, options.DefinitionName),
        ];
    }

    /// <summary>When <see cref="Keep"/> has something to do.</summary>
    public Instant? NextDeadline { get; private set; }

    /// <summary>Whether every object that exists believes an authority.</summary>
    public bool IsTrusted(string authority) => Array.TrueForAll(
        _targets,
        target => target.Pictures.IsSynced && target.Webhooks().All(webhook => webhook.Bundle.Authorities.Contains(authority)));

    /// <summary>Writes what differs.</summary>
    /// <param name="authorities">Those needed now, the one in force first.</param>
    /// <param name="utc">The wall clock.</param>
    /// <param name="now">Now.</param>
    public void Keep(IReadOnlyList<string> authorities, DateTimeOffset utc, Instant now)
    {
        NextDeadline = null;
        var present = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var target in _targets)
            KeepOne(target, authorities, present, utc, now);
        foreach (var (authority, until) in _retiring.ToList())
        {
            if (!present.Contains(authority) || authorities.Contains(authority))
                _retiring.Remove(authority);
            else if (until > now)
                NextDeadline = Instant.Earlier(NextDeadline, until);
        }
    }

    /// <summary>Takes the end of a write; false when it is not one of these.</summary>
    public bool Complete(WriteOutput.Complete complete, Instant now)
    {
        if (Array.Find(_targets, target => target.WriteName == complete.Target) is not { } target)
            return false;
        switch (complete.Result)
        {
            case WriteResult.Written:
                OnWritten(target, complete.Response!, now);
                break;
            case WriteResult.Conflicted or WriteResult.Gone:
                target.NotBefore = now + ConflictWait;
                target.RefusedVersion = target.BasedOn;
                break;
            default:
                target.NotBefore = now + Delay.After(++target.Failures);
                var problem = complete.Response is { } answer ? KubeStatus.Read(answer.Body).Message : "too many writes wait";
                _outputs.Enqueue(new NodeOutput.WriteLog(CertificateLog.InjectionFailed(target.Kind.Resource, target.Key.Name, problem)));
                break;
        }
        return true;
    }

    private void OnWritten(Target target, KubeResponse answer, Instant now)
    {
        target.Failures = now - target.WrittenAt < CalmAfter ? target.Failures + 1 : 0;
        target.NotBefore = target.Failures == 0 ? now : now + Delay.After(target.Failures);
        target.WrittenAt = now;
        if (target.Kind.ReadObject(answer.Body, _watches.Strings, out _) is { } fresh && fresh.Key == target.Key)
            target.Pictures.Absorb(fresh, target.BasedOn);
        _watches.Drain();
        _outputs.Enqueue(new NodeOutput.WriteLog(CertificateLog.Injected(target.Kind.Resource, target.Key.Name, target.Authorities)));
    }

    private Target Watch(KubeKind<WebhookRegistration> kind, string name)
    {
        var key = new ObjectKey("", name);
        return new(kind, key, _watches.AddSingle(kind, key, _ => { }));
    }

    private void KeepOne(
        Target target, IReadOnlyList<string> authorities, SortedSet<string> present, DateTimeOffset utc, Instant now)
    {
        if (!target.Pictures.IsSynced || target.Find() is not { } seen)
            return;
        var wrong = new List<(string Path, string Bundle)>();
        foreach (var (path, bundle) in target.Webhooks())
        {
            present.UnionWith(bundle.Authorities);
            List<string> wanted =
                [.. authorities.Concat(bundle.Authorities.Where(authority => IsRetiring(authority, authorities, utc, now))).Distinct()];
            target.Authorities = wanted.Count;
            if (bundle.HasJunk || bundle.Authorities.Count != wanted.Count || wanted.Except(bundle.Authorities).Any())
                wrong.Add((path, TrustBundle.Write(wanted)));
        }
        if (wrong.Count == 0 || _writes.IsBusy(target.WriteName))
            return;
        if (now < target.NotBefore && (target.RefusedVersion is null || target.RefusedVersion == seen.Metadata.ResourceVersion))
        {
            NextDeadline = Instant.Earlier(NextDeadline, target.NotBefore);
            return;
        }
        target.RefusedVersion = null;
        target.BasedOn = seen.Metadata.ResourceVersion;
        var request = CertificateWrites.SetBundles(target.Kind.Resource, seen, wrong);
        _writes.Handle(new WriteInput.Submitted(target.WriteName, request), now);
    }

    /// <summary>Whether an authority that nobody here needs is to stay a while; once its time is over it stays over.</summary>
    private bool IsRetiring(string authority, IReadOnlyList<string> needed, DateTimeOffset utc, Instant now)
    {
        if (needed.Contains(authority))
            return false;
        if (!_retiring.TryGetValue(authority, out var until))
        {
            if (_retiring.Count >= MostRetiring || !TrustBundle.IsOurs(authority, utc))
                return false;
            until = now + Overlap;
            _retiring.Add(authority, until);
        }
        return until > now;
    }

    private sealed class Target(KubeKind<WebhookRegistration> kind, ObjectKey key, ReflectorMachine<WebhookRegistration> pictures)
    {
        private WebhookRegistration? _parsedFrom;
        private IReadOnlyList<(string Path, TrustBundle Bundle)> _parsed = [];

        public KubeKind<WebhookRegistration> Kind { get; } = kind;

        public ObjectKey Key { get; } = key;

        public ReflectorMachine<WebhookRegistration> Pictures { get; } = pictures;

        public string WriteName { get; } = $"{kind.Resource.Plural}/{key}";

        /// <summary>The version that the write under way was computed from.</summary>
        public string? BasedOn { get; set; }

        /// <summary>The version that a conflict showed to be old; a newer one is written to at once.</summary>
        public string? RefusedVersion { get; set; }

        /// <summary>Authorities in the bundle written last.</summary>
        public int Authorities { get; set; }

        /// <summary>Refusals, or repairs in short order, in a row.</summary>
        public int Failures { get; set; }

        public Instant NotBefore { get; set; } = Instant.Zero;

        public Instant WrittenAt { get; set; } = Instant.Zero - CalmAfter;

        public WebhookRegistration? Find() => Pictures.Find(Key);

        /// <summary>The webhooks of the object with their bundles, which are parsed once per version.</summary>
        public IReadOnlyList<(string Path, TrustBundle Bundle)> Webhooks()
        {
            var seen = Find();
            if (!ReferenceEquals(seen, _parsedFrom))
            {
                _parsedFrom = seen;
                _parsed = [.. (seen?.Webhooks ?? []).Select(webhook => (webhook.BundlePath, TrustBundle.Read(webhook.CaBundle)))];
            }
            return _parsed;
        }
    }
}

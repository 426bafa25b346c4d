using System;
using System.Collections.Generic;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Kube.Watch;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Keeps the webhook's certificates: in a Secret, in the hands of the webhook server, and believed by the API server. Every replica runs
/// one, whether it leads or not.
/// <para>
/// The Secret is watched. When it is absent, empty, damaged, or near its end (<see cref="CertificateRules"/>), the shell is ordered to make
/// new keys, and what it made is written on condition that the Secret is still as it was seen. Of several replicas one gets through, and
/// all of them, that one too, use what the watch then shows. <see cref="TrustInjector"/> keeps the caBundles.
/// </para>
/// <para>
/// No call may fail because of an exchange. So while a new authority is in the Secret already, a replica goes on with the certificate
/// that it has until it sees that every caBundle names the new authority, and <see cref="Settling"/> longer for the API server to notice;
/// and the old authority stays in the caBundles for an hour. A first certificate is served at once, and so is one of the same authority.
/// </para>
/// </summary>
public sealed class CertificateMachine : IMachine<NodeInput, NodeOutput>
{
    /// <summary>How long the API server gets to notice a changed caBundle before a certificate that needs it is shown.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    private const string SecretWrite = "webhook certificate";
    private const string Component = "metallb-controller";
    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(12);
    private static readonly TimeSpan OrderDeadline = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan ConflictWait = TimeSpan.FromSeconds(10);
    private static readonly BackOff Delay = new(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1));

    /// <summary>A clock before this was never set; certificates made by it would be worth nothing.</summary>
    private static readonly DateTimeOffset Plausible = new(2025, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly CertificateOptions _options;
    private readonly Queue<NodeOutput> _outputs = new();
    private readonly WatchSet _watches;
    private readonly WriteQueue _writes;
    private readonly EventSender _events;
    private readonly TrustInjector _trust;
    private readonly ReflectorMachine<Secret> _secrets;
    private DateTimeOffset? _utc;
    private DateTimeOffset _judgedAt;
    private Instant _judgeBy;
    private Secret? _judged;
    private CertificateBundle? _bundle;
    private string? _authority;
    private CertificateVerdict? _verdict;
    private CertificateOrder? _order;
    private Secret? _orderedFor;
    private long _lastOrder;
    private Instant _orderNotBefore = Instant.Zero;
    private int _failures;
    private CertificateBundle? _served;
    private string? _servedAuthority;
    private Instant? _trustedSince;
    private bool _isChanged = true;
    private Instant? _nextDeadline = Instant.Zero;

    /// <summary>Makes the machine; <see cref="Advance"/> sends its first requests.</summary>
    /// <param name="options">Names of the objects.</param>
    /// <param name="podName">The pod, named in events; "" outside of a cluster.</param>
    /// <param name="ids">The node's request ids.</param>
    /// <param name="random">The node's randomness.</param>
    public CertificateMachine(CertificateOptions options, string podName, RequestIds ids, SeededRandom random)
    {
        _options = options;
        var own = random.Fork("certificates");
        _watches = new WatchSet(ids, own, _outputs);
        _writes = new WriteQueue(ids, mostInFlight: 4);
        _events = new EventSender(new EventRecorder(Component, podName, own.Fork("events")), ids, _outputs);
        _trust = new TrustInjector(options, _watches, _writes, _outputs);
        _secrets = _watches.AddSingle(KubeKinds.Secrets, options.Secret, OnSecret);
    }

    /// <inheritdoc/>
    public Instant? NextDeadline => _isChanged ? Instant.Zero : _nextDeadline;

    /// <inheritdoc/>
    public bool TryTake(out NodeOutput output) => _outputs.TryDequeue(out output!);

    /// <inheritdoc/>
    public void Handle(in NodeInput input, Instant now)
    {
        switch (input)
        {
            case NodeInput.ClockRead clock:
                OnClock(clock.Utc);
                break;
            case NodeInput.CertificateIssued issued when issued.OrderId == _order?.Id:
                OnIssued(issued, now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _writes.Owns(response.Id):
                _isChanged = true;
                _writes.Handle(new WriteInput.Responded(response), now);
                break;
            case NodeInput.KubeResponded { Response: var response } when _events.Owns(response.Id):
                _isChanged = true;
                _events.Handle(response, now);
                break;
            default:
                _isChanged |= _watches.Handle(input, now);
                break;
        }
        Advance(now);
    }

    /// <inheritdoc/>
    public void Advance(Instant now)
    {
        if (!_isChanged && (_nextDeadline is not { } deadline || now < deadline))
            return;
        _isChanged = false;
        _watches.Advance(now);
        _writes.Advance(now);
        _events.Advance(now);
        _nextDeadline = null;
        Decide(now);
        DrainWrites(now);
        Await(_watches.NextDeadline);
        Await(_writes.NextDeadline);
        Await(_events.NextDeadline);
    }

    private void Await(Instant? deadline) => _nextDeadline = Instant.Earlier(_nextDeadline, deadline);

    /// <summary>Wall clocks step. Only the first reading, a step back and the time when something is due make a difference.</summary>
    private void OnClock(DateTimeOffset utc)
    {
        _isChanged |= _verdict is null || utc < _judgedAt || (_verdict.Need == CertificateNeed.None && utc >= _verdict.DueAt);
        _utc = utc;
        _events.Utc = utc;
    }

    private void OnSecret(ReflectorOutput<Secret>.Changed change)
    {
        _isChanged = true;
        _orderNotBefore = Instant.Zero;
    }

    private void Decide(Instant now)
    {
        if (_utc is not { } utc || utc < Plausible || !_secrets.IsSynced)
            return;
        var verdict = Judge(utc, now);
        if (verdict.Need != CertificateNeed.None)
            Order(verdict, utc, now);
        if (verdict.IsServable)
            Offer(_bundle!, utc, now);
        if (_servedAuthority is { } served)
            _trust.Keep(verdict.IsServable && _authority != served ? [_authority!, served] : [served], utc, now);
        Await(_trust.NextDeadline);
        Await(_judgeBy);
    }

    private CertificateVerdict Judge(DateTimeOffset utc, Instant now)
    {
        var secret = _secrets.Find(_options.Secret);
        if (_verdict is { } known && ReferenceEquals(secret, _judged) && now < _judgeBy && utc >= _judgedAt && utc < known.DueAt)
            return known;
        if (_verdict is null || !ReferenceEquals(secret, _judged))
        {
            _bundle = secret is null ? null : CertificateWrites.Read(secret);
            _authority = _bundle is null ? null : TrustBundle.Canonical(_bundle.CaCertificate);
        }
        _judged = secret;
        _judgedAt = utc;
        _verdict = CertificateRules.Judge(_bundle, _options.DnsNames[0], utc);
        var patience = _verdict.DueAt - utc;
        _judgeBy = now + (patience > TimeSpan.Zero && patience < CheckInterval ? patience : CheckInterval);
        return _verdict;
    }

    private void Order(CertificateVerdict verdict, DateTimeOffset utc, Instant now)
    {
        if (now < _orderNotBefore || _writes.IsBusy(SecretWrite))
        {
            Await(_orderNotBefore);
            return;
        }
        if (_judged is { } secret && verdict.IsDamaged)
        {
            var message = $"Secret {secret.Key}: {verdict.Reason}; new certificates are made in its place";
            _events.Record(ObjectReference.To(KubeResource.Secrets, secret), true, "InvalidCertificate", message, now);
        }
        Log(CertificateLog.Ordered(_options.Secret, verdict));
        _order = CertificateRules.Order(++_lastOrder, verdict.Need, _bundle, _options.DnsNames, utc);
        _orderedFor = _judged;
        _orderNotBefore = now + OrderDeadline;
        Await(_orderNotBefore);
        _outputs.Enqueue(new NodeOutput.IssueCertificate(_order));
    }

    private void OnIssued(NodeInput.CertificateIssued issued, Instant now)
    {
        _isChanged = true;
        _order = null;
        if (issued.Bundle is not { } bundle)
        {
            OnFailed(issued.Failure ?? "no reason given", now);
            return;
        }
        // Somebody wrote the Secret meanwhile, so it is judged anew.
        if (!ReferenceEquals(_orderedFor, _secrets.Find(_options.Secret)))
            return;
        var write = _orderedFor is { } seen ? CertificateWrites.Update(seen, bundle) : CertificateWrites.Create(_options.Secret, bundle);
        _writes.Handle(new WriteInput.Submitted(SecretWrite, write), now);
    }

    private void OnFailed(string problem, Instant now)
    {
        _orderNotBefore = now + Delay.After(++_failures);
        Log(CertificateLog.Failed(_options.Secret, problem));
    }

    /// <summary>Shows a good certificate to callers as soon as they will believe it.</summary>
    private void Offer(CertificateBundle bundle, DateTimeOffset utc, Instant now)
    {
        if (bundle == _served)
            return;
        var authority = _authority!;
        if (_served is not null && authority != _servedAuthority && CertificateRules.Judge(_served, _options.DnsNames[0], utc).IsServable)
        {
            _trustedSince = _trust.IsTrusted(authority) ? _trustedSince ?? now : null;
            if (_trustedSince is not { } since)
                return;
            if (now < since + Settling)
            {
                Await(since + Settling);
                return;
            }
        }
        (_served, _servedAuthority, _trustedSince) = (bundle, authority, null);
        _outputs.Enqueue(new NodeOutput.ServeCertificate(bundle));
        Log(CertificateLog.Served(_options.DnsNames, _verdict!.DueAt));
    }

    private void DrainWrites(Instant now)
    {
        while (_writes.TryTake(out var output))
        {
            if (output is WriteOutput.Send send)
                _outputs.Enqueue(new NodeOutput.SendKubeRequest(send.Request));
            else if (output is WriteOutput.Complete complete)
            {
                _isChanged = true;
                if (!_trust.Complete(complete, now))
                    OnWritten(complete, now);
            }
        }
        _events.Drain();
    }

    private void OnWritten(WriteOutput.Complete complete, Instant now)
    {
        // Whoever won, the watch brings what is in the Secret now, and that ends the wait.
        _orderNotBefore = now + ConflictWait;
        switch (complete.Result)
        {
            case WriteResult.Written:
                _failures = 0;
                Log(CertificateLog.Stored(_options.Secret));
                if (_orderedFor is { } before &&
                    KubeKinds.Secrets.ReadObject(complete.Response!.Body, _watches.Strings, out _) is { } fresh)
                    _secrets.Absorb(fresh, before.Metadata.ResourceVersion);
                _watches.Drain();
                break;
            case WriteResult.Conflicted:
                Log(CertificateLog.Outrun(_options.Secret));
                break;
            default:
                OnFailed(complete.Response is { } answer ? KubeStatus.Read(answer.Body).Message : "too many writes wait", now);
                break;
        }
    }

    private void Log(LogEvent line) => _outputs.Enqueue(new NodeOutput.WriteLog(line));
}

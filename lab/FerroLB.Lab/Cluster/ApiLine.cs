using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.ApiServer.Store;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// The connection of one process to the API server: requests travel up, answers and watch lines travel down, each with a delay of its own,
/// and everything that goes wrong between a process and its API server goes wrong here. Watch lines of one watch stay in order. A line that
/// is closed (its process died) answers nothing any more, but what the process had sent may still be carried out; a line that is cut fails
/// every request and closes every watch; a frozen one keeps back some of what its process was just about to send.
/// </summary>
public sealed class ApiLine : IEventTarget
{
    private const int RequestArrives = 1;
    private const int InputArrives = 2;
    private const int HangEnds = 3;
    private const int LateWriteArrives = 4;

    // A killed or frozen process has handed over to its kernel what it sent, or has not.
    private const double HandedOverChance = 0.5;

    private static readonly TimeSpan SoonestGivenUp = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LatestGivenUp = TimeSpan.FromSeconds(10);

    private readonly VirtualWorld _world;
    private readonly ApiFront _front;
    private readonly SeededRandom _random;
    private readonly SortedSet<long> _underWay = [];
    private readonly SortedDictionary<long, OpenWatch> _watches = [];
    private readonly IApiReader _reader;
    private readonly List<KubeRequest> _heldBack = [];
    private readonly SortedSet<string> _kinds = new(StringComparer.Ordinal);
    private bool _isClosed;
    private bool _isCut;
    private bool _isFrozen;
    private ApiFaults _faults = ApiFaults.None;

    internal ApiLine(VirtualWorld world, ApiFront front, string user, IApiReader reader) =>
        (_world, _front, User, _reader, _random) = (world, front, user, reader, world.Random.Fork($"line/{user}/{world.EventCount}"));

    /// <summary>The name of the process.</summary>
    public string User { get; }

    /// <summary>How badly the server behaves towards it. Slow watches catch up when no watch is slow any more.</summary>
    public ApiFaults Faults
    {
        get => _faults;
        set
        {
            _faults = value;
            foreach (var watch in _watches.Values)
                watch.Lag = value.SlowWatchChance > 0 ? watch.Lag : TimeSpan.Zero;
        }
    }

    /// <summary>Requests and watches that are open.</summary>
    public int OpenRequests => _underWay.Count + _watches.Count;

    /// <summary>Watches that are open, deliver, and are not further behind than those of a good server.</summary>
    public int LivingWatches => _watches.Values.Count(watch =>
        !watch.IsEnding && !watch.Hangs && watch.LastArrival <= _world.Now + ApiFaults.None.MostWatchDelay);

    /// <summary>Whether the way to the server is cut.</summary>
    public bool IsCut
    {
        get => _isCut;
        set
        {
            _isCut = value;
            if (value)
                BreakAll("connection reset by peer");
        }
    }

    /// <summary>Whether every kind of object that the process ever listed is watched, and every watch delivers in time.</summary>
    public bool IsWatching => LivingWatches == _watches.Count && LivingWatches == _kinds.Count;

    /// <summary>Sends a request on its way.</summary>
    public void Send(KubeRequest request)
    {
        if (_isClosed)
            return;
        if (!_underWay.Add(request.Id) || _watches.ContainsKey(request.Id))
            _world.Report("api", $"{User} uses request id {request.Id} twice");
        // Speakers list the Pods of speakers now and then, and do not watch them.
        if (request.Verb == KubeVerb.List && request.Resource != KubeResource.Pods)
            _kinds.Add(request.Resource.Plural);
        _world.After(Delay(), this, RequestArrives, request);
    }

    /// <summary>The process gives a request up.</summary>
    public void Cancel(long id)
    {
        _underWay.Remove(id);
        if (_watches.Remove(id, out var watch))
            watch.Source.Close();
    }

    /// <summary>The process is gone.</summary>
    public void Close()
    {
        _isClosed = true;
        foreach (var watch in _watches.Values)
            watch.Source.Close();
        _watches.Clear();
        _underWay.Clear();
        _front.Forget(this);
    }

    /// <summary>The process stands still.</summary>
    public void Freeze() => _isFrozen = true;

    /// <summary>The process goes on, and sends what it had in its hands.</summary>
    public void Thaw()
    {
        _isFrozen = false;
        foreach (var request in _heldBack)
            _world.After(Delay(), this, RequestArrives, request);
        _heldBack.Clear();
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if (code == LateWriteArrives || (_isClosed && code == RequestArrives))
            ArriveUnheard((KubeRequest)payload!, isSent: code == LateWriteArrives);
        else if (_isClosed)
            return;
        else if (code == RequestArrives && _isFrozen && _random.Chance(1 - HandedOverChance))
            _heldBack.Add((KubeRequest)payload!);
        else if (code == RequestArrives)
            Arrive((KubeRequest)payload!);
        else if (code == InputArrives)
            Deliver((Delivery)payload!);
        else if (_watches.TryGetValue((long)payload!, out var watch))
            CloseWatch(watch, "no data for 20s");
    }

    /// <summary>Takes what the store has for the watches and sends it down.</summary>
    internal void Pump()
    {
        foreach (var watch in _watches.Values)
        {
            if (watch.Hangs)
                continue;
            while (watch.Source.TryTake(out var line, _front.Utc))
                SendDown(watch, new NodeInput.WatchEventReceived(watch.Id, line));
            if (watch.Source.Closed && !watch.IsEnding)
                CloseWatch(watch, "the server ended the watch");
        }
    }

    /// <summary>Called once per second: watches may be cut or go silent.</summary>
    internal void Wear()
    {
        foreach (var watch in _watches.Values)
        {
            if (!watch.IsEnding && _random.Chance(Faults.WatchCutChance))
                CloseWatch(watch, "connection reset by peer");
            else if (!watch.Hangs && _random.Chance(Faults.WatchHangChance))
            {
                watch.Hangs = true;
                _world.After(TimeSpan.FromSeconds(20), this, HangEnds, watch.Id);
            }
        }
    }

    /// <summary>Every request fails and every watch closes: the server died or the way is cut.</summary>
    internal void BreakAll(string reason)
    {
        foreach (var watch in _watches.Values)
        {
            // What a server holds back for longer than a moment dies with the connection.
            if (watch.LastArrival > _world.Now + Faults.MostWatchDelay)
                (watch.IsBroken, watch.LastArrival) = (true, _world.Now);
            CloseWatch(watch, reason);
        }
        foreach (var id in _underWay)
            Answer(new KubeResponse(id, 0, default, null, reason));
    }

    private void Arrive(KubeRequest request)
    {
        if (!_underWay.Contains(request.Id))
            return;
        if (IsCut || _front.IsAway)
            Answer(new(request.Id, 0, default, null, IsCut ? "no route to host" : "connection refused"));
        else if (Refusal(request) is { } refusal)
            Answer(refusal);
        else if (request.Verb == KubeVerb.Watch)
            OpenWatchFor(request);
        else
            CarryOut(request);
    }

    private KubeResponse? Refusal(KubeRequest request)
    {
        if (_random.Chance(Faults.TooManyChance))
            return Failure(429, "TooManyRequests", "too many requests", Faults.RetryAfter);
        if (_random.Chance(Faults.ServerErrorChance))
            return _random.Chance(0.5)
                ? Failure(500, "InternalError", "etcdserver: leader changed")
                : Failure(503, "ServiceUnavailable", "apiserver is shutting down");
        if (IsWrite(request) && _random.Chance(Faults.ConflictChance))
            return Failure(409, "Conflict", "the object has been modified; please apply your changes to the latest version");
        if (request.Continue is not null && _random.Chance(Faults.GoneChance))
            return Failure(410, "Expired", "The provided continue parameter is too old");
        return null;

        KubeResponse Failure(int code, string reason, string message, TimeSpan? retryAfter = null) =>
            new(request.Id, code, ApiTranslation.Status(code, reason, message), retryAfter);
    }

    private static bool IsWrite(KubeRequest request) => request.Verb is KubeVerb.Patch or KubeVerb.Create or KubeVerb.Delete;

    // Nobody waits for the answer any more.
    private void ArriveUnheard(KubeRequest request, bool isSent)
    {
        _front.LateWrites -= isSent ? 1 : 0;
        if (IsWrite(request) && !IsCut && !_front.IsAway && (isSent || _random.Chance(HandedOverChance)))
            _front.Do(ApiTranslation.ToStore(request, User, Faults.MostPerPage), User);
    }

    private void CarryOut(KubeRequest request)
    {
        if (IsWrite(request) && _random.Chance(Faults.LateWriteChance))
        {
            _front.LateWrites++;
            _world.After(_random.Between(TimeSpan.Zero, Faults.MostLateness), this, LateWriteArrives, request);
            _world.After(
                _random.Between(SoonestGivenUp, LatestGivenUp), this, InputArrives,
                new Delivery(request.Id, new NodeInput.KubeResponded(new(request.Id, 0, default, null, "no answer in time"))));
            return;
        }
        var stale = request.Verb == KubeVerb.List && request.ResourceVersion == "0" && _random.Chance(Faults.StaleListChance);
        var response = _front.Do(ApiTranslation.ToStore(request, User, Faults.MostPerPage), User, stale);
        if (IsWrite(request) && _random.Chance(Faults.TwiceChance))
        {
            var second = _front.Do(ApiTranslation.ToStore(request, User, Faults.MostPerPage), User);
            response = _random.Chance(0.5) ? response : second;
        }
        if (_random.Chance(Faults.LostAnswerChance))
            Answer(new(request.Id, 0, default, null, "connection reset by peer"));
        else
            Answer(new(request.Id, response.StatusCode, response.Body, response.RetryAfter));
    }

    private void OpenWatchFor(KubeRequest request)
    {
        if (_random.Chance(Faults.GoneChance))
        {
            Answer(new(request.Id, 410, ApiTranslation.Status(410, "Expired", "too old resource version")));
            return;
        }
        if (!_front.Store.TryOpenWatch(ApiTranslation.ToStore(request, User, 0), _front.Utc, out var source, out var error))
        {
            Answer(new(request.Id, error!.StatusCode, error.Body, error.RetryAfter));
            return;
        }
        _underWay.Remove(request.Id);
        var lag = _random.Chance(Faults.SlowWatchChance) ? _random.Between(TimeSpan.Zero, Faults.MostWatchLag) : TimeSpan.Zero;
        _watches.Add(request.Id, new OpenWatch { Id = request.Id, Source = source!, Lag = lag });
        Pump();
    }

    private void CloseWatch(OpenWatch watch, string reason)
    {
        if (watch.IsEnding)
            return;
        watch.IsEnding = true;
        watch.Source.Close();
        SendDown(watch, new NodeInput.WatchClosed(watch.Id, reason));
    }

    private void Answer(KubeResponse response) =>
        _world.After(Delay(), this, InputArrives, new Delivery(response.Id, new NodeInput.KubeResponded(response)));

    private void SendDown(OpenWatch watch, NodeInput input)
    {
        var lag = watch.IsBroken ? TimeSpan.Zero : watch.Lag;
        var at = _world.Now + _random.Between(Faults.LeastDelay, Faults.MostWatchDelay + lag);
        if (at < watch.LastArrival)
            at = watch.LastArrival;
        watch.LastArrival = at;
        _world.At(at, this, InputArrives, new Delivery(watch.Id, input));
    }

    private void Deliver(Delivery delivery)
    {
        var isOpen = delivery.Input is NodeInput.KubeResponded
            ? _underWay.Remove(delivery.Id)
            : delivery.Input is NodeInput.WatchClosed ? _watches.Remove(delivery.Id)
            : _watches.TryGetValue(delivery.Id, out var watch) && !watch.IsBroken;
        if (isOpen)
            _reader.Receive(delivery.Input);
    }

    private TimeSpan Delay() => _random.Between(Faults.LeastDelay, Faults.MostDelay);

    private sealed record Delivery(long Id, NodeInput Input);

    private sealed class OpenWatch
    {
        public required long Id { get; init; }

        public required ApiWatch Source { get; init; }

        /// <summary>How far behind it is besides.</summary>
        public TimeSpan Lag { get; set; }

        public Instant LastArrival { get; set; }

        public bool IsEnding { get; set; }

        public bool Hangs { get; set; }

        public bool IsBroken { get; set; }
    }
}

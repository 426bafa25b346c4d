using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.ApiServer.Store;
using FerroLB.Core.Kube;
using FerroLB.Lab.World;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// The API server of the lab: the pure store of the embedded server, with the lab's clock. Processes reach it over an <see cref="ApiLine"/>
/// each, where delay and faults are; users, kubelets and checkers act on it directly. After each write every watch is asked for what it
/// has. The durable records are kept, so that the server can be killed and come back with what it had acknowledged.
/// </summary>
public sealed class ApiFront : IEventTarget
{
    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);
    private const int MostRecords = 2_000;

    private readonly VirtualWorld _world;
    private readonly List<ApiLine> _lines = [];
    private readonly SortedDictionary<string, ApiResponse> _earlierLists = new(StringComparer.Ordinal);
    private readonly ulong _seed;
    private List<ReadOnlyMemory<byte>> _records = [];
    private int _mostRecords = MostRecords;

    /// <summary>Starts an empty server.</summary>
    public ApiFront(VirtualWorld world)
    {
        _world = world;
        _seed = world.Random.Fork("store").NextUInt64();
        Store = new ApiStore(_seed);
        Store.Start(Utc);
        KeepRecords();
        _world.After(Tick, this);
    }

    /// <summary>The store; another object after a restart.</summary>
    public ApiStore Store { get; private set; }

    /// <summary>Whether nobody answers at the moment.</summary>
    public bool IsAway { get; private set; }

    /// <summary>The server's wall clock, which is the true one.</summary>
    public DateTimeOffset Utc => NodeClock.TrueUtc(_world.Now);

    /// <summary>How often the server was killed and started again.</summary>
    public int Restarts { get; private set; }

    /// <summary>Writes on their way that nobody waits for any more.</summary>
    public int LateWrites { get; internal set; }

    /// <summary>Called after each accepted write with the name of who wrote, before any watch line leaves.</summary>
    public Action<string>? Written { get; set; }

    /// <summary>Called after the store was replaced by one that was built from its records.</summary>
    public Action? Restarted { get; set; }

    /// <summary>Connects a process.</summary>
    public ApiLine Connect(string user, IApiReader reader)
    {
        var line = new ApiLine(_world, this, user, reader);
        _lines.Add(line);
        return line;
    }

    /// <summary>Carries out a request at once and tells everybody who watches.</summary>
    public ApiResponse Do(ApiRequest request, string user, bool stale = false)
    {
        var listKey = request.Verb == ApiVerb.List ? $"{request.Group}/{request.Resource}/{request.Namespace}" : null;
        if (stale && listKey is not null && _earlierLists.TryGetValue(listKey, out var earlier))
            return earlier;
        var before = Store.ResourceVersion;
        var response = Store.Handle(request, Utc);
        if (listKey is not null && response.StatusCode == 200 && request.QueryValue("continue") is null)
            _earlierLists[listKey] = response;
        if (Store.ResourceVersion == before)
            return response;
        KeepRecords();
        Written?.Invoke(user);
        foreach (var line in _lines)
            line.Pump();
        return response;
    }

    /// <summary>The server stops answering: what is open breaks.</summary>
    public void GoAway()
    {
        if (IsAway)
            return;
        IsAway = true;
        _world.Trace.Line(_world.Now, "api", "is away");
        foreach (var line in _lines)
            line.BreakAll("connection reset by peer");
    }

    /// <summary>The server answers again; after a crash with a store built from its records.</summary>
    public void ComeBack(bool restarted)
    {
        if (!IsAway)
            return;
        IsAway = false;
        _world.Trace.Line(_world.Now, "api", restarted ? "is back, restarted" : "is back");
        if (!restarted)
            return;
        Restarts++;
        Store = new ApiStore(_seed + (ulong)Restarts);
        foreach (var record in _records)
            Store.Replay(record.Span);
        Store.Start(Utc);
        KeepRecords();
        _earlierLists.Clear();
        Restarted?.Invoke();
    }

    /// <summary>Every second: bookmarks, time-outs of watches, wear of the lines.</summary>
    public void Fire(int code, object? payload)
    {
        foreach (var line in _lines)
        {
            line.Wear();
            line.Pump();
        }
        _world.After(Tick, this);
    }

    /// <summary>Puts what somebody asks for directly into the trace.</summary>
    internal void Trace(string user, ApiRequest request) => _world.Trace.Line(_world.Now, user, "asks", request);

    /// <summary>Puts a refusal into the trace.</summary>
    internal void TraceRefusal(string user, ApiResponse response) =>
        _world.Trace.Line(_world.Now, user, "is refused", new KubeResponse(0, response.StatusCode, response.Body));

    internal void Forget(ApiLine line) => _lines.Remove(line);

    private void KeepRecords()
    {
        while (Store.TryTakeRecord(out var record))
            _records.Add(record);
        if (_records.Count <= _mostRecords)
            return;
        _records = [.. Store.SnapshotRecords().Select(record => (ReadOnlyMemory<byte>)record.ToArray())];
        _mostRecords = 2 * _records.Count + MostRecords;
    }
}

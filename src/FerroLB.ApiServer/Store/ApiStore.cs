using System;
using System.Collections.Generic;

namespace FerroLB.ApiServer.Store;

/// <summary>The pure heart of the embedded API server.</summary>
public sealed class ApiStore
{
    private readonly Queue<ReadOnlyMemory<byte>> _records = new();
    private DateTimeOffset _startedAt;

    /// <summary>Makes an empty store. Same seed and same calls give the same uids, names and versions.</summary>
    public ApiStore(ulong seed, ApiStoreOptions? options = null)
    {
        _ = seed;
        Options = options ?? new ApiStoreOptions();
    }

    /// <summary>What was chosen at construction.</summary>
    public ApiStoreOptions Options { get; }

    /// <summary>The version of the last accepted write; when it grows, watches have something to take.</summary>
    public long ResourceVersion { get; }

    /// <summary>Every resource that is served, sorted by group and plural name.</summary>
    public IReadOnlyList<ResourceDefinition> Resources { get; } = [];

    /// <summary>Grows whenever <see cref="Resources"/> changes.</summary>
    public long ResourcesGeneration { get; }

    /// <summary>
    /// Call once after the last <see cref="Replay"/>: makes what every cluster has (namespaces, the kubernetes Service) if it is missing, and finishes
    /// deletions that a crash cut short. The first request does it when nobody else did.
    /// </summary>
    public void Start(DateTimeOffset utcNow) => _startedAt = utcNow;

    /// <summary>Answers every request but a watch. Never throws for any request.</summary>
    public ApiResponse Handle(ApiRequest request, DateTimeOffset utcNow) => throw new NotSupportedException();

    /// <summary>Opens a watch, or gives the answer to send instead.</summary>
    public bool TryOpenWatch(ApiRequest request, DateTimeOffset utcNow, out ApiWatch? watch, out ApiResponse? error) => throw new NotSupportedException();

    /// <summary>
    /// Takes the next durable record of the writes so far. The shell takes all records after each call of <see cref="Handle"/> (and after
    /// <see cref="Start"/>), appends them with the framing of StoreLog, makes them durable, and only then sends the response.
    /// </summary>
    public bool TryTakeRecord(out ReadOnlyMemory<byte> record) => _records.TryDequeue(out record);

    /// <summary>Puts one durable record back, in the order in which they were taken, before <see cref="Start"/>.</summary>
    public void Replay(ReadOnlySpan<byte> record) => _records.Enqueue(record.ToArray());

    /// <summary>The fewest records that rebuild the present state: write them to a new log, make it durable, and put it in place of the old one.</summary>
    public IEnumerable<ReadOnlyMemory<byte>> SnapshotRecords() => _startedAt == default ? [] : _records;
}

using System;
using System.Collections.Concurrent;
using System.Collections.Generic;
using System.IO;
using System.Threading;
using System.Threading.Channels;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http.Webhooks;
using FerroLB.ApiServer.Store;
using Microsoft.Extensions.Logging;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// The single thread that owns the store. Requests arrive from HTTP through a bounded queue. The loop takes whatever is waiting, lets
/// the store answer it, appends the resulting records to the file, makes them durable with one flush for the whole batch, and only then
/// lets answers and watch events out: nothing that a client has seen can be lost by a kill. Between batches it hands new lines to the
/// watches, rewrites the file when it has grown, and publishes the catalogue of resources when a CustomResourceDefinition changed it. If
/// the file cannot be written, the loop stops, because memory then knows more than the disk; <see cref="Completion"/> tells the host.
/// </summary>
internal sealed class StoreLoop : IDisposable
{
    private const int QueueCapacity = 1024;
    private const int BatchLimit = 128;
    private static readonly TimeSpan IdlePeriod = TimeSpan.FromMilliseconds(500);
    private readonly ApiStore _store;
    private readonly StoreFile? _file;
    private readonly WebhookCaller _webhooks;
    private readonly ILogger _log;
    private readonly Channel<Work> _queue = Channel.CreateBounded<Work>(new BoundedChannelOptions(QueueCapacity) { SingleReader = true });
    private readonly ConcurrentQueue<TaskCompletionSource> _compactions = new();
    private readonly List<WatchSubscription> _watches = [];
    private readonly SemaphoreSlim _wake = new(0);
    private readonly TaskCompletionSource _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Thread _thread;
    private volatile ResourceCatalog _catalog;
    private volatile bool _stopping;

    /// <summary>Takes over a replayed store; the file is null when nothing is kept.</summary>
    public StoreLoop(ApiStore store, StoreFile? file, WebhookCaller webhooks, ILogger log)
    {
        _store = store;
        _file = file;
        _webhooks = webhooks;
        _log = log;
        store.Start(DateTimeOffset.UtcNow);
        PersistRecords();
        _catalog = new ResourceCatalog(store.ResourcesGeneration, [.. store.Resources]);
        _thread = new Thread(Run) { IsBackground = true, Name = "store" };
    }

    /// <summary>The resources that are served now.</summary>
    public ResourceCatalog Catalog => _catalog;

    /// <summary>Ends when the loop ends; faulted when the file could not be written.</summary>
    public Task Completion => _completion.Task;

    /// <summary>Starts the thread.</summary>
    public void Start() => _thread.Start();

    /// <summary>Answers one request, after asking the webhooks that it needs; the answer is durable.</summary>
    public async Task<ApiResponse> HandleAsync(ApiRequest request, CancellationToken cancellation)
    {
        while (true)
        {
            Work work = new(request, null);
            await EnqueueAsync(work, cancellation).ConfigureAwait(false);
            ApiResponse response = await work.Response.Task.WaitAsync(cancellation).ConfigureAwait(false);
            if (response.Pending is not { } pending)
                return response;
            request = pending.Resume(await _webhooks.CallAsync(pending.Calls, cancellation).ConfigureAwait(false));
        }
    }

    /// <summary>Opens a watch, or gives the answer to send instead.</summary>
    public async Task<(WatchSubscription? Watch, ApiResponse? Error)> OpenWatchAsync(ApiRequest request, CancellationToken cancellation)
    {
        var opened = new TaskCompletionSource<WatchSubscription?>(TaskCreationOptions.RunContinuationsAsynchronously);
        Work work = new(request, opened);
        await EnqueueAsync(work, cancellation).ConfigureAwait(false);
        WatchSubscription? watch = await opened.Task.WaitAsync(cancellation).ConfigureAwait(false);
        return watch is not null ? (watch, null) : (null, await work.Response.Task.ConfigureAwait(false));
    }

    /// <summary>Lets the store forget its history.</summary>
    public Task CompactAsync()
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _compactions.Enqueue(done);
        Wake();
        return done.Task;
    }

    /// <summary>Asks for a pass over the watches soon, because one has room again or was abandoned.</summary>
    public void Wake() => _wake.Release();

    /// <summary>Ends the loop after the batch in progress, and closes the file.</summary>
    public void Dispose()
    {
        _stopping = true;
        _queue.Writer.TryComplete();
        Wake();
        if (_thread.ThreadState != ThreadState.Unstarted)
            _thread.Join();
        _file?.Dispose();
        _webhooks.Dispose();
    }

    private async Task EnqueueAsync(Work work, CancellationToken cancellation)
    {
        await _queue.Writer.WriteAsync(work, cancellation).ConfigureAwait(false);
        Wake();
    }

    private void Run()
    {
        try
        {
            while (!_stopping)
            {
                _wake.Wait(IdlePeriod);
                Step();
            }
            _completion.TrySetResult();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            _log.LogCritical("The data file cannot be written, so the server stops: {Message}", failure.Message);
            _completion.TrySetException(failure);
        }
    }

    private void Step()
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        List<Action> answers = HandleBatch(now);
        while (_compactions.TryDequeue(out TaskCompletionSource? done))
        {
            _store.Compact();
            answers.Add(done.SetResult);
        }
        PersistRecords();
        PublishCatalog();
        foreach (Action answer in answers)
            answer();
        _watches.RemoveAll(watch => !watch.Pump(now));
        if (_file is { WantsCompaction: true })
        {
            _file.Compact(_store.SnapshotRecords());
            _log.LogInformation("The data file was rewritten to the present state");
        }
    }

    private List<Action> HandleBatch(DateTimeOffset now)
    {
        var answers = new List<Action>();
        while (answers.Count < BatchLimit && _queue.Reader.TryRead(out Work? work))
        {
            if (answers.Count > 0)
                _wake.Wait(0);
            answers.Add(work.Opened is null ? Answer(work, now) : OpenWatch(work, work.Opened, now));
        }
        return answers;
    }

    private Action Answer(Work work, DateTimeOffset now)
    {
        ApiResponse response = _store.Handle(work.Request, now);
        return () => work.Response.TrySetResult(response);
    }

    private Action OpenWatch(Work work, TaskCompletionSource<WatchSubscription?> opened, DateTimeOffset now)
    {
        if (!_store.TryOpenWatch(work.Request, now, out ApiWatch? watch, out ApiResponse? error))
        {
            return () =>
            {
                work.Response.TrySetResult(error!);
                opened.TrySetResult(null);
            };
        }
        var subscription = new WatchSubscription(watch!, call => _webhooks.CallAsync(call, CancellationToken.None), Wake);
        _watches.Add(subscription);
        return () => opened.TrySetResult(subscription);
    }

    private void PersistRecords()
    {
        bool any = false;
        while (_store.TryTakeRecord(out ReadOnlyMemory<byte> record))
        {
            any = true;
            _file?.Append(record.Span);
        }
        if (any)
            _file?.Flush();
    }

    private void PublishCatalog()
    {
        if (_catalog.Generation != _store.ResourcesGeneration)
            _catalog = new ResourceCatalog(_store.ResourcesGeneration, [.. _store.Resources]);
    }

    private sealed record Work(ApiRequest Request, TaskCompletionSource<WatchSubscription?>? Opened)
    {
        public TaskCompletionSource<ApiResponse> Response { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

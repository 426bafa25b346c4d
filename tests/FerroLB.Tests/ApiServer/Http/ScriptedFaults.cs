using System;
using System.Collections.Generic;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.ApiServer.Http.Faults;

namespace FerroLB.Tests.ApiServer.Http;

/// <summary>Faults by order of a test: each order holds for a number of requests whose method and path begin so.</summary>
public sealed class ScriptedFaults : IHttpFaults
{
    private readonly Lock _lock = new();
    private readonly List<Standing> _orders = [];
    private readonly List<string> _requests = [];
    private TaskCompletionSource _thawed = Completed();

    /// <summary>Every request so far: method, path and query, as in "GET /api/v1/services?limit=500".</summary>
    public IReadOnlyList<string> Requests
    {
        get
        {
            lock (_lock)
                return [.. _requests];
        }
    }

    /// <summary>Lets the next requests suffer a fault. Orders are tried in the order in which they were given.</summary>
    /// <param name="fault">What goes wrong.</param>
    /// <param name="matches">Which requests: a piece of method, path and query, as in "watch=true"; "" for all.</param>
    /// <param name="times">How many requests.</param>
    public void Order(HttpFault fault, string matches = "", int times = 1)
    {
        lock (_lock)
            _orders.Add(new Standing(fault, matches) { Left = times });
    }

    /// <summary>Stops all bytes on all connections, without closing any.</summary>
    public void Freeze()
    {
        lock (_lock)
            _thawed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Lets bytes pass again.</summary>
    public void Thaw()
    {
        lock (_lock)
            _thawed.TrySetResult();
    }

    /// <inheritdoc/>
    public HttpFault? For(string method, string path, string query)
    {
        string request = $"{method} {path}{query}";
        lock (_lock)
        {
            _requests.Add(request);
            Standing? order = _orders.Find(candidate =>
                candidate.Left > 0 && request.Contains(candidate.Matches, StringComparison.Ordinal));
            if (order is null)
                return null;
            order.Left--;
            return order.Fault;
        }
    }

    /// <inheritdoc/>
    public Task Thawed(CancellationToken cancellation)
    {
        lock (_lock)
            return _thawed.Task.WaitAsync(cancellation);
    }

    private static TaskCompletionSource Completed()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }

    private sealed record Standing(HttpFault Fault, string Matches)
    {
        public int Left { get; set; }
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Bfd;
using FerroLB.Protocols.Ethernet;
using FerroLB.Runtime.Bfd;
using FerroLB.Runtime.Bgp;
using FerroLB.Runtime.Loop;

namespace FerroLB.App;

/// <summary>
/// The BGP loop of a speaker and, when a peer wants one, its BFD loop. Neither has a thread or a socket before the first peer is there.
/// Used by the control loop's thread.
/// </summary>
/// <param name="nodeName">This node's name.</param>
/// <param name="writeLog">Takes log lines.</param>
/// <param name="changeMetric">Takes metric changes.</param>
/// <param name="report">Takes how the sessions are.</param>
internal sealed class BgpRun(
    string nodeName, Action<LogEvent> writeLog, Action<MetricChange> changeMetric, Action<BgpReport> report) : IDisposable
{
    private static readonly TimeSpan FarewellDeadline = TimeSpan.FromSeconds(3);

    private readonly TaskCompletionSource<LoopEnd> _broken = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly BfdMetrics _bfdMetrics = new();
    private BgpLoop? _loop;
    private volatile BfdLoop? _bfd;
    private volatile IReadOnlyList<LinkState> _links = [];
    private bool _isEnding;

    /// <summary>Completes when one of the loops broke.</summary>
    public Task<LoopEnd> Broken => _broken.Task;

    /// <summary>Whether a router would miss packets of BFD if this process stood still for <see cref="HeapTrim.Pause"/>.</summary>
    public bool IsWatchedClosely => _bfd is { } bfd && bfd.Sessions.Any(session =>
        session.State == BfdState.Up && session.TransmitInterval < HeapTrim.Pause);

    /// <summary>Takes a command of the control loop; the first one starts the loop.</summary>
    public void Command(BgpCommand command)
    {
        _isEnding |= command is BgpCommand.ShutDown;
        if (command is BgpCommand.UseLinks change)
            _links = change.Links;
        if (_loop is null)
        {
            _loop = new(new BgpNode(nodeName, NodeProcess.DrawSeed()), Execute);
            _ = WatchAsync(_loop.Completion);
            _loop.Start();
        }
        _loop.Command(command);
    }

    /// <summary>Completes when all peers were taken leave of, if they were to be, or the time is up. The control loop must have
    /// ended.</summary>
    public async Task FarewellAsync()
    {
        if (_loop is null || !_isEnding)
            return;
        await Task.WhenAny(_loop.Completion, Task.Delay(FarewellDeadline)).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _loop?.Dispose();
        if (_bfd is null)
            return;
        _bfd.Stop();
        if (_bfd.Completion.Wait(FarewellDeadline))
            _bfd.Dispose();
    }

    private void Execute(BgpNodeOutput output)
    {
        switch (output)
        {
            case BgpNodeOutput.WishBfd wish:
                StartBfd().Post(wish.Wish);
                break;
            case BgpNodeOutput.Report told:
                report(told.Sessions);
                break;
            case BgpNodeOutput.WriteLog line:
                writeLog(line.Event);
                break;
            case BgpNodeOutput.ChangeMetric change:
                changeMetric(change.Change);
                break;
        }
    }

    private BfdLoop StartBfd()
    {
        if (_bfd is not null)
            return _bfd;
        _bfd = new(
            NodeProcess.DrawSeed(), _loop!.Report, words => writeLog(new(LogLevel.Warn, "BFD", new LogField("problem", words))), Count);
        _ = WatchAsync(_bfd.Completion);
        _bfd.Start();
        return _bfd;
    }

    // On the thread of the BFD loop, as everything of these metrics.
    private void Count(IReadOnlyList<BfdSessionSnapshot> sessions)
    {
        _bfdMetrics.Take(sessions, _links);
        while (_bfdMetrics.TryTake(out var change))
            changeMetric(change);
    }

    private async Task WatchAsync(Task<LoopEnd> loop)
    {
        var end = await loop.ConfigureAwait(false);
        if (end.Reason is not null)
            _broken.TrySetResult(end);
    }
}

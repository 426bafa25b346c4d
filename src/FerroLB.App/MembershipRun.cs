using System;
using System.Globalization;
using System.Net.Sockets;
using System.Threading.Tasks;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Gossip;
using FerroLB.Runtime.Gossip;
using FerroLB.Runtime.Loop;

namespace FerroLB.App;

/// <summary>The membership loop of a speaker, its lines in the log, and its farewell.</summary>
internal sealed class MembershipRun : IDisposable
{
    private static readonly TimeSpan FarewellDeadline = TimeSpan.FromSeconds(2);

    private readonly GossipLoop _loop;
    private readonly Action<LogEvent> _writeLog;
    private readonly TaskCompletionSource _left = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile bool _isLeaving;

    /// <summary>Opens the sockets.</summary>
    /// <param name="options">Who the member is and where it listens.</param>
    /// <param name="writeLog">Takes log lines.</param>
    /// <param name="report">Takes the picture of the members whenever it changes.</param>
    /// <exception cref="StartException">The address or the port is not to be had.</exception>
    public MembershipRun(GossipLoopOptions options, Action<LogEvent> writeLog, Action<GossipSnapshot> report)
    {
        _writeLog = writeLog;
        try
        {
            _loop = new(options, Tell, report);
        }
        catch (SocketException e)
        {
            var port = options.Bind.Port.ToString(CultureInfo.InvariantCulture);
            throw new StartException(
                1, $"cannot listen on {options.Bind.Ip} port {port}: {e.Message}. Choose others with --ml-bindaddr and --ml-bindport.");
        }
        if (!options.Envelope.Seals)
            writeLog(MembershipLog.NotSealed());
    }

    /// <summary>Completes when the loop has ended.</summary>
    public Task<LoopEnd> Completion => _loop.Completion;

    /// <summary>Starts the loop.</summary>
    public void Start() => _loop.Start();

    /// <summary>Takes a wish of the control loop.</summary>
    public void Wish(GossipInput wish)
    {
        _isLeaving |= wish is GossipInput.LeaveRequested;
        _ = _loop.PostAsync(wish).AsTask();
    }

    /// <summary>Completes when the others were told that this member leaves, if it was to be told, or the time is up.</summary>
    public Task FarewellAsync() => _isLeaving ? Task.WhenAny(_left.Task, Task.Delay(FarewellDeadline)) : Task.CompletedTask;

    /// <inheritdoc/>
    public void Dispose() => _loop.Dispose();

    private void Tell(GossipOutput told)
    {
        if (told is GossipOutput.LeaveEnded)
            _left.TrySetResult();
        if (MembershipLog.Of(told) is { } line)
            _writeLog(line);
    }
}

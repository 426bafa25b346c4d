using System;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Runtime.Linux;

namespace FerroLB.Runtime.Loop;

/// <summary>The thread of a loop, and how it ended: whatever was thrown breaks the loop, and the process has to be started anew.</summary>
/// <param name="name">The thread's name.</param>
/// <param name="isUrgent">Whether it goes before other threads, where this process may order that (CAP_SYS_NICE).</param>
internal sealed class LoopThread(string name, bool isUrgent = false)
{
    private const int RaisedNiceness = -10;

    private readonly TaskCompletionSource<LoopEnd> _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when the loop has ended.</summary>
    public Task<LoopEnd> Completion => _end.Task;

    /// <summary>Starts the thread, which runs the loop to its end.</summary>
    public void Start(Action loop) => new Thread(() => Run(loop)) { Name = name, IsBackground = true }.Start();

    private void Run(Action loop)
    {
        // Fails without the capability, and then the loop has ordinary attention.
        if (isUrgent)
            _ = Libc.SetPriority(Libc.PriorityOfProcess, (uint)Libc.GetThreadId(), RaisedNiceness);
        try
        {
            loop();
            _end.TrySetResult(LoopEnd.Clean);
        }
#pragma warning disable CA1031 // Whatever it was, the picture of the world can no longer be trusted: the process ends.
        catch (Exception e)
#pragma warning restore CA1031
        {
            _end.TrySetResult(new(LoopEnd.Broken, e.ToString()));
        }
    }
}

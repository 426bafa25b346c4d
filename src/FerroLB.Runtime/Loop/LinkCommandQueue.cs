using System.Collections.Generic;
using System.Threading;
using FerroLB.Core;
using FerroLB.Core.Nodes;

namespace FerroLB.Runtime.Loop;

/// <summary>
/// Commands on their way from the control loop to the link loop. A command states the whole wish for its Service, so a newer one takes the
/// place of an older one of the same Service. With <paramref name="capacity"/> Services waiting the control loop waits; the link loop never
/// does.
/// </summary>
internal sealed class LinkCommandQueue(int capacity)
{
    private readonly object _gate = new();
    private readonly Dictionary<ObjectKey, LinkCommand> _byService = [];
    private readonly Queue<ObjectKey> _order = new();
    private bool _isClosed;

    /// <summary>Puts a command in. True when the queue was empty, so that the link loop must be woken.</summary>
    public bool Put(LinkCommand command)
    {
        var service = ServiceOf(command);
        lock (_gate)
        {
            while (!_isClosed && _byService.Count >= capacity && !_byService.ContainsKey(service))
                Monitor.Wait(_gate);
            if (_isClosed)
                return false;
            if (!_byService.ContainsKey(service))
                _order.Enqueue(service);
            _byService[service] = command;
            return _order.Count == 1;
        }
    }

    /// <summary>Takes the oldest command; false when there is none.</summary>
    public bool TryTake(out LinkCommand? command)
    {
        lock (_gate)
        {
            command = null;
            if (!_order.TryDequeue(out var service))
                return false;
            _byService.Remove(service, out command);
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    /// <summary>The link loop has ended: nobody waits any more, and commands go nowhere.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
    }

    private static ObjectKey ServiceOf(LinkCommand command) => command switch
    {
        LinkCommand.AnnounceService announce => announce.Service,
        LinkCommand.RetractService retract => retract.Service,
        _ => new("", command.GetType().Name),
    };
}

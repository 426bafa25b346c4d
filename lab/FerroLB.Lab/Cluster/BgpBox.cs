using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Bgp.Session;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// The BGP loop of a speaker: its machine and its connections. As in production a connection whose end was told is gone for both, and one
/// that is closed by order still sends what was written. Nobody watches paths: there is no BFD here.
/// </summary>
public sealed class BgpBox : IMachineShell<BgpNodeInput, BgpNodeOutput>, ITcpProcess, IEventTarget
{
    private readonly VirtualWorld _world;
    private readonly TcpNetwork _network;
    private readonly IReadOnlyList<IpAddress> _addresses;
    private readonly Action<BgpReport> _report;
    private readonly MachineBox<BgpNodeInput, BgpNodeOutput> _box;
    private readonly SortedDictionary<(int Peer, long Stream), TcpEnd> _ends = [];

    /// <summary>Starts a loop.</summary>
    /// <param name="world">The universe.</param>
    /// <param name="network">Where its host is.</param>
    /// <param name="name">The name in the trace.</param>
    /// <param name="clock">The host's clock.</param>
    /// <param name="machine">The loop's machine.</param>
    /// <param name="addresses">The host's addresses, at most one of a family.</param>
    /// <param name="report">Takes how the sessions are.</param>
    public BgpBox(
        VirtualWorld world, TcpNetwork network, string name, NodeClock clock, IMachine<BgpNodeInput, BgpNodeOutput> machine,
        IReadOnlyList<IpAddress> addresses, Action<BgpReport> report)
    {
        (_world, _network, _addresses, _report) = (world, network, addresses, report);
        _box = new(world, name, clock, machine, this);
    }

    /// <summary>Whether all peers were taken leave of.</summary>
    public bool IsSilent { get; private set; }

    /// <summary>A command of the control loop arrives.</summary>
    public void Feed(BgpCommand command) => _box.Feed(new BgpNodeInput.Commanded(command));

    /// <summary>The process is killed; what becomes of its connections is the network's business.</summary>
    public void Stop() => _box.Stop();

    /// <summary>The process stands still.</summary>
    public void Pause() => _box.Pause();

    /// <summary>The process goes on.</summary>
    public void Resume() => _box.Resume();

    /// <summary>How late the processor gets to the process at most.</summary>
    public void Starve(TimeSpan mostLateness) => _box.MostLateness = mostLateness;

    /// <inheritdoc/>
    public void Accepted(TcpEnd end) => throw new InvalidOperationException("speakers listen to nobody yet");

    /// <inheritdoc/>
    public void Opened(TcpEnd end) => Tell(end, stream => new BgpSessionInput.StreamOpened(stream, end.Local));

    /// <inheritdoc/>
    public void Received(TcpEnd end, byte[] octets) => Tell(end, stream => new BgpSessionInput.StreamBytes(stream, octets));

    /// <inheritdoc/>
    public void Written(TcpEnd end) => Tell(end, stream => new BgpSessionInput.StreamWritable(stream));

    /// <inheritdoc/>
    public void Ended(TcpEnd end, TcpEnding how)
    {
        var key = KeyOf(end);
        if (!_ends.Remove(key))
            return;
        BgpSessionInput told = how switch
        {
            TcpEnding.Closed => new BgpSessionInput.StreamClosed(key.Stream),
            TcpEnding.Refused => new BgpSessionInput.StreamFailed(key.Stream, BgpStreamFailure.Refused, "connection refused"),
            TcpEnding.TimedOut => new BgpSessionInput.StreamFailed(key.Stream, BgpStreamFailure.TimedOut, "connection timed out"),
            _ => new BgpSessionInput.StreamFailed(key.Stream, BgpStreamFailure.Reset, "connection reset by peer"),
        };
        _box.Feed(new BgpNodeInput.StreamHappened(key.Peer, told));
    }

    /// <inheritdoc/>
    public void Execute(in BgpNodeOutput output)
    {
        switch (output)
        {
            case BgpNodeOutput.OrderStream(var peer, BgpSessionOutput.OpenStream open):
                Open(peer, open);
                break;
            case BgpNodeOutput.OrderStream(var peer, BgpSessionOutput.WriteStream write):
                if (_ends.TryGetValue((peer, write.Stream), out var target))
                    _network.Write(target, write.Bytes.Span);
                break;
            case BgpNodeOutput.OrderStream(var peer, BgpSessionOutput.CloseStream close):
                if (_ends.Remove((peer, close.Stream), out var ending))
                    _network.Close(ending);
                break;
            case BgpNodeOutput.Report told:
                _report(told.Sessions);
                break;
            case BgpNodeOutput.TellSilent:
                IsSilent = true;
                break;
        }
    }

    /// <summary>An order to open a connection from an address that the node does not have has failed.</summary>
    public void Fire(int code, object? payload) => _box.Feed((BgpNodeInput)payload!);

    /// <inheritdoc/>
    public void TraceInput(in BgpNodeInput input, ref TraceHash hash)
    {
        BgpTrace.Hash(input, ref hash);
        if (input is BgpNodeInput.Commanded)
            _world.Trace.Line(_world.Now, _box.Name, "is told", input);
    }

    /// <inheritdoc/>
    public void TraceOutput(in BgpNodeOutput output, ref TraceHash hash)
    {
        BgpTrace.Hash(output, ref hash);
        if (output is BgpNodeOutput.WriteLog log)
            _world.Trace.Line(_world.Now, _box.Name, "logs", log.Event);
    }

    private static (int Peer, long Stream) KeyOf(TcpEnd end) => ((int, long))end.Tag!;

    private void Open(int peer, BgpSessionOutput.OpenStream open)
    {
        var options = open.Options;
        var source = options.Source ??
            _addresses.Where(address => address.Family == options.Peer.Family).Cast<IpAddress?>().FirstOrDefault();
        if (source is not { } from || !_addresses.Contains(from))
        {
            _world.After(TimeSpan.Zero, this, 0, new BgpNodeInput.StreamHappened(
                peer, new BgpSessionInput.StreamFailed(open.Stream, BgpStreamFailure.NoSuchSource, "no such address")));
            return;
        }
        var end = _network.Open(from, options.Peer, options.Port, this);
        end.Tag = (peer, open.Stream);
        _ends[(peer, open.Stream)] = end;
    }

    private void Tell(TcpEnd end, Func<long, BgpSessionInput> input)
    {
        var (peer, stream) = KeyOf(end);
        if (_ends.ContainsKey((peer, stream)))
            _box.Feed(new BgpNodeInput.StreamHappened(peer, input(stream)));
    }
}

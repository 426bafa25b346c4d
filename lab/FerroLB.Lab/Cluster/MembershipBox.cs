using System;
using System.Collections.Generic;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>The membership loop of a speaker: its machine and its sockets.</summary>
public sealed class MembershipBox : IMachineShell<GossipInput, GossipOutput>, IHostProcess
{
    /// <summary>The port that every speaker listens on.</summary>
    public const ushort Port = 7946;

    /// <summary>How many datagrams the socket buffer of a process that stands still holds; later ones are dropped.</summary>
    private const int SocketDatagrams = 1_024;

    private readonly VirtualWorld _world;
    private readonly HostNetwork _network;
    private readonly IpAddress _address;
    private readonly Action<GossipSnapshot>? _report;
    private readonly MachineBox<GossipInput, GossipOutput> _box;
    private readonly SortedDictionary<long, HostStream> _streams = [];
    private GossipSnapshot? _reported;
    private long _accepted;

    /// <summary>Starts a member that listens on a host.</summary>
    /// <param name="world">The universe.</param>
    /// <param name="network">Where its host is.</param>
    /// <param name="name">The name in the trace.</param>
    /// <param name="clock">The host's clock.</param>
    /// <param name="machine">The member.</param>
    /// <param name="address">The host's address.</param>
    /// <param name="report">Takes the picture whenever the machine told something.</param>
    public MembershipBox(
        VirtualWorld world, HostNetwork network, string name, NodeClock clock, GossipMachine machine, IpAddress address,
        Action<GossipSnapshot>? report)
    {
        (_world, _network, _address, _report, Machine) = (world, network, address, report, machine);
        _box = new(world, name, clock, machine, this);
        network.Listen(address, this);
    }

    /// <summary>The machine, for its snapshot.</summary>
    public GossipMachine Machine { get; }

    /// <summary>Whether the member has said goodbye.</summary>
    public bool HasLeft { get; private set; }

    /// <summary>Told of everything that the machine tells, before it is reported.</summary>
    public Action<GossipOutput>? Told { get; set; }

    /// <summary>A wish of the control loop arrives.</summary>
    public void Feed(GossipInput wish) => _box.Feed(wish);

    /// <summary>The process is killed; what becomes of its sockets is the network's business.</summary>
    public void Stop() => _box.Stop();

    /// <summary>The process stands still.</summary>
    public void Pause() => _box.Pause();

    /// <summary>The process goes on.</summary>
    public void Resume() => _box.Resume();

    /// <summary>How late the processor gets to the process at most.</summary>
    public void Starve(TimeSpan mostLateness) => _box.MostLateness = mostLateness;

    /// <inheritdoc/>
    public void Receive(IpAddress from, byte[] octets)
    {
        if (_box.WaitingInputs < SocketDatagrams)
            _box.Feed(new GossipInput.DatagramReceived(new(from, Port), octets));
    }

    /// <inheritdoc/>
    public void Accepted(HostStream stream)
    {
        stream.Number = ++_accepted;
        _streams.Add(stream.Number, stream);
        _box.Feed(new GossipInput.StreamAccepted(stream.Number, new(stream.Remote, Port)));
    }

    /// <inheritdoc/>
    public void Opened(HostStream stream) => _box.Feed(new GossipInput.StreamOpened(stream.Number));

    /// <inheritdoc/>
    public void Receive(HostStream stream, byte[] octets) => _box.Feed(new GossipInput.StreamBytes(stream.Number, octets));

    /// <inheritdoc/>
    public void Ended(HostStream stream, string? failure)
    {
        // One that was never told to the process needs no end.
        if (!_streams.ContainsKey(stream.Number))
            return;
        _box.Feed(failure is null
            ? new GossipInput.StreamClosed(stream.Number)
            : new GossipInput.StreamFailed(stream.Number, failure));
    }

    /// <inheritdoc/>
    public void Execute(in GossipOutput output)
    {
        switch (output)
        {
            case GossipOutput.SendDatagram order:
                _network.Send(_address, order.To.Ip, order.Plain);
                break;
            case GossipOutput.OpenStream order:
                _streams.Add(order.Stream, _network.Open(_address, order.To.Ip, order.Stream));
                break;
            case GossipOutput.WriteStream order:
                if (_streams.TryGetValue(order.Stream, out var open))
                    _network.Write(open, order.Plain);
                break;
            case GossipOutput.CloseStream order:
                if (_streams.Remove(order.Stream, out var closed))
                    _network.Close(closed);
                break;
            default:
                HasLeft |= output is GossipOutput.LeaveEnded;
                Told?.Invoke(output);
                Report();
                break;
        }
    }

    /// <inheritdoc/>
    public void TraceInput(in GossipInput input, ref TraceHash hash)
    {
        GossipTrace.Hash(input, ref hash);
        if (input is GossipInput.JoinRequested or GossipInput.LeaveRequested)
            _world.Trace.Line(_world.Now, _box.Name, "is told", input);
    }

    /// <inheritdoc/>
    public void TraceOutput(in GossipOutput output, ref TraceHash hash)
    {
        GossipTrace.Hash(output, ref hash);
        if (MembershipLog.Of(output) is { } line)
            _world.Trace.Line(_world.Now, _box.Name, "logs", line);
    }

    // The picture is another object after each call of the machine, and the same during one.
    private void Report()
    {
        if (_report is null || Machine.Snapshot is var picture && ReferenceEquals(picture, _reported))
            return;
        _reported = picture;
        _report(picture);
    }
}

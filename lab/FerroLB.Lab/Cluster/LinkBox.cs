using System;
using System.Collections.Generic;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Network;
using FerroLB.Lab.World;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>The link loop of a speaker: its machine, the ports of its node, and the kernel's packet filter between them.</summary>
public sealed class LinkBox : IMachineShell<LinkInput, LinkOutput>, IFrameReceiver, IPacketReceiver
{
    /// <summary>How many heartbeats the socket buffer of a process that stands still holds; later ones are dropped.</summary>
    private const int SocketHeartbeats = 1_024;

    /// <summary>How many frames the socket buffer of a process that stands still holds; later ones are dropped.</summary>
    private const int SocketFrames = 256;

    private readonly VirtualWorld _world;
    private readonly MachineBox<LinkInput, LinkOutput> _box;
    private readonly IReadOnlyList<LanPort> _ports;
    private readonly Action<LinkReport> _report;
    private readonly Func<LinkSnapshot> _snapshot;
    private readonly SortedDictionary<(int Index, bool IsForIpv6), SortedSet<IpAddress>> _filters = [];

    /// <summary>Starts a link loop on ports whose index on the node is their place in the list, from 1.</summary>
    public LinkBox(
        VirtualWorld world, string name, NodeClock clock, LinkMachine machine, IReadOnlyList<LanPort> ports, Action<LinkReport> report)
    {
        (_world, _snapshot, _ports, _report) = (world, machine.Snapshot, ports, report);
        _box = new(world, name, clock, machine.Machine, this);
        foreach (var port in ports)
            port.Receiver = this;
    }

    /// <summary>What the machine says of itself.</summary>
    public LinkSnapshot Snapshot => _snapshot();

    /// <summary>Frames that the kernel's filter let through.</summary>
    public long WakingFrames { get; private set; }

    /// <summary>A command of the control loop arrives.</summary>
    public void Feed(LinkCommand command) => _box.Feed(LinkInput.CommandReceived(command));

    /// <summary>The kernel tells the interfaces as they are now.</summary>
    public void TellLinks(IReadOnlyList<LinkState> links) => _box.Feed(LinkInput.LinksChanged(links));

    /// <summary>The process is killed; the kernel closes its sockets.</summary>
    public void Stop()
    {
        _box.Stop();
        _filters.Clear();
        foreach (var port in _ports)
            port.Groups.Clear();
    }

    /// <summary>The process stands still.</summary>
    public void Pause() => _box.Pause();

    /// <summary>The process goes on.</summary>
    public void Resume() => _box.Resume();

    /// <summary>How late the processor gets to the process at most.</summary>
    public void Starve(TimeSpan mostLateness) => _box.MostLateness = mostLateness;

    /// <inheritdoc/>
    public void Receive(LanPort port, byte[] frame)
    {
        var index = IndexOf(port);
        if (_box.IsStopped || _box.WaitingInputs >= SocketFrames || !PassesFilter(index, frame))
            return;
        WakingFrames++;
        _box.Feed(LinkInput.FrameReceived(index, frame));
    }

    /// <inheritdoc/>
    public void Receive(LanPort port, GroupPacket packet)
    {
        if (!_box.IsStopped && _box.WaitingInputs < SocketHeartbeats)
            _box.Feed(LinkInput.HeartbeatReceived(IndexOf(port), packet.Octets));
    }

    /// <inheritdoc/>
    public void Execute(in LinkOutput output)
    {
        switch (output.Kind)
        {
            case LinkOutputKind.SendFrame when output.LinkIndex >= 1 && output.LinkIndex <= _ports.Count:
                var port = _ports[output.LinkIndex - 1];
                port.Segment.Send(port, output.Frame.Span);
                break;
            case LinkOutputKind.SendFrame:
                _world.Report("wire", $"{_box.Name} sends from interface {output.LinkIndex}, which does not exist");
                break;
            case LinkOutputKind.SetArpFilter or LinkOutputKind.SetNdpFilter when output.Addresses is { } addresses:
                _filters[(output.LinkIndex, output.Kind == LinkOutputKind.SetNdpFilter)] = [.. addresses];
                break;
            case LinkOutputKind.SetArpFilter or LinkOutputKind.SetNdpFilter:
                _filters.Remove((output.LinkIndex, output.Kind == LinkOutputKind.SetNdpFilter));
                break;
            case LinkOutputKind.SendHeartbeat when output.LinkIndex >= 1 && output.LinkIndex <= _ports.Count:
                var from = _ports[output.LinkIndex - 1];
                from.Segment.Send(from, new GroupPacket(NdpFrame.MacOf(output.Group), output.Frame.ToArray()));
                break;
            case LinkOutputKind.JoinGroup or LinkOutputKind.HearHeartbeats when output.LinkIndex >= 1 && output.LinkIndex <= _ports.Count:
                _ports[output.LinkIndex - 1].Groups.Add(NdpFrame.MacOf(output.Group));
                break;
            case LinkOutputKind.LeaveGroup or LinkOutputKind.IgnoreHeartbeats
                when output.LinkIndex >= 1 && output.LinkIndex <= _ports.Count:
                _ports[output.LinkIndex - 1].Groups.Remove(NdpFrame.MacOf(output.Group));
                break;
            case LinkOutputKind.Report:
                _report(output.Report!);
                break;
        }
    }

    /// <inheritdoc/>
    public void TraceInput(in LinkInput input, ref TraceHash hash)
    {
        NodeTrace.Hash(input, ref hash);
        if (input.Kind == LinkInputKind.CommandReceived)
            _world.Trace.Line(_world.Now, _box.Name, "is told", input.Command);
    }

    /// <inheritdoc/>
    public void TraceOutput(in LinkOutput output, ref TraceHash hash)
    {
        NodeTrace.Hash(output, ref hash);
        if (output.Kind == LinkOutputKind.WriteLog)
            _world.Trace.Line(_world.Now, _box.Name, "logs", output.Log);
    }

    // What the in-kernel filters do: requests for the listed addresses, and claims of them.
    private bool PassesFilter(int index, byte[] frame)
    {
        if (ArpFrame.Decode(frame) is { } packet)
        {
            return _filters.TryGetValue((index, false), out var addresses) &&
                (addresses.Contains(packet.SenderIp) || (!packet.IsReply && addresses.Contains(packet.TargetIp)));
        }
        return NdpFrame.Decode(frame) is { } message && _filters.TryGetValue((index, true), out var targets) &&
            targets.Contains(message.Target);
    }

    private int IndexOf(LanPort port)
    {
        for (var i = 0; i < _ports.Count; i++)
        {
            if (_ports[i] == port)
                return i + 1;
        }
        return 0;
    }
}

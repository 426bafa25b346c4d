using System;
using FerroLB.Core.Nodes;
using FerroLB.Lab.World;
using FerroLB.Protocols.Gossip;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>A control loop, the controller's or a speaker's: its machine, its connection to the API server, its wall clock.</summary>
public sealed class ControlBox : IMachineShell<NodeInput, NodeOutput>, IApiReader
{
    private static readonly TimeSpan ClockSpacing = TimeSpan.FromSeconds(1);

    private readonly VirtualWorld _world;
    private readonly NodeClock _clock;
    private readonly MachineBox<NodeInput, NodeOutput> _box;
    private readonly Action<LinkCommand>? _command;
    private readonly Action<GossipInput>? _wish;
    private Instant? _clockReadAt;

    /// <summary>Starts a control loop; the user is who it is to the API server, and by default its name.</summary>
    public ControlBox(
        VirtualWorld world, ApiFront api, string name, NodeClock clock, IMachine<NodeInput, NodeOutput> machine,
        Action<LinkCommand>? command = null, string? user = null, Action<GossipInput>? wish = null)
    {
        (_world, _clock, _command, _wish) = (world, clock, command, wish);
        Line = api.Connect(user ?? name, this);
        _box = new(world, name, clock, machine, this);
        _box.Feed(new NodeInput.ClockRead(clock.Utc));
        _clockReadAt = clock.Now;
    }

    /// <summary>Takes commands for the BGP loop; null where they go nowhere.</summary>
    public Action<BgpCommand>? CommandBgp { get; init; }

    /// <summary>Its connection to the API server.</summary>
    public ApiLine Line { get; }

    /// <summary>The name in the trace.</summary>
    public string Name => _box.Name;

    /// <summary>Whether the machine said that it is ready to end.</summary>
    public bool IsShutDown { get; private set; }

    /// <summary>The most log lines that one control loop may write per run; more is a storm.</summary>
    public long LogLines { get; private set; }

    /// <summary>Requests sent so far, watches included.</summary>
    public long SentRequests { get; private set; }

    /// <summary>Inputs that wait while the process stands still.</summary>
    public int WaitingInputs => _box.WaitingInputs;

    /// <inheritdoc/>
    public void Receive(NodeInput input)
    {
        if (_clockReadAt is not { } last || _clock.Now - last >= ClockSpacing)
        {
            _clockReadAt = _clock.Now;
            _box.Feed(new NodeInput.ClockRead(_clock.Utc));
        }
        _box.Feed(input);
    }

    /// <summary>The process is killed.</summary>
    public void Stop()
    {
        _box.Stop();
        Line.Close();
    }

    /// <summary>The process stands still.</summary>
    public void Pause()
    {
        _box.Pause();
        Line.Freeze();
    }

    /// <summary>How late the processor gets to the process at most.</summary>
    public void Starve(TimeSpan mostLateness) => _box.MostLateness = mostLateness;

    /// <summary>The process goes on.</summary>
    public void Resume()
    {
        Line.Thaw();
        _box.Resume();
    }

    /// <inheritdoc/>
    public void Execute(in NodeOutput output)
    {
        switch (output)
        {
            case NodeOutput.SendKubeRequest { Request: var request }:
                SentRequests++;
                Line.Send(request);
                break;
            case NodeOutput.CancelKubeRequest cancel:
                Line.Cancel(cancel.RequestId);
                break;
            case NodeOutput.CommandLink { Command: var command }:
                if (_command is null)
                    _world.Report("nodes", $"{Name} has no link loop, but commands {command}");
                _command?.Invoke(command);
                break;
            case NodeOutput.CommandBgp { Command: var order }:
                CommandBgp?.Invoke(order);
                break;
            case NodeOutput.JoinMembers join:
                _wish?.Invoke(new GossipInput.JoinRequested(join.Addresses));
                break;
            case NodeOutput.StateMetadata state:
                _wish?.Invoke(new GossipInput.MetadataChanged(state.Metadata));
                break;
            case NodeOutput.SuspectMember(var name, var accusation):
                _wish?.Invoke(new GossipInput.SuspectRequested(name, accusation));
                break;
            case NodeOutput.LeaveMembers:
                _wish?.Invoke(new GossipInput.LeaveRequested());
                break;
            case NodeOutput.WriteLog:
                LogLines++;
                break;
            case NodeOutput.CompleteShutdown:
                // As in production: the loop takes no further step.
                IsShutDown = true;
                _box.Stop();
                break;
        }
    }

    /// <inheritdoc/>
    public void TraceInput(in NodeInput input, ref TraceHash hash)
    {
        NodeTrace.Hash(input, ref hash);
        if (input is NodeInput.KubeResponded response)
            _world.Trace.Line(_world.Now, Name, "gets", response.Response);
        else if (input is not NodeInput.ClockRead)
            _world.Trace.Line(_world.Now, Name, "gets", input);
    }

    /// <inheritdoc/>
    public void TraceOutput(in NodeOutput output, ref TraceHash hash)
    {
        NodeTrace.Hash(output, ref hash);
        if (output is NodeOutput.SendKubeRequest request)
            _world.Trace.Line(_world.Now, Name, "sends", request.Request);
        else if (output is NodeOutput.WriteLog log)
            _world.Trace.Line(_world.Now, Name, "logs", log.Event);
        else if (output is not NodeOutput.ChangeMetric)
            _world.Trace.Line(_world.Now, Name, "orders", output);
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Tests.Nodes;

/// <summary>Runs one node against a <see cref="ScriptedApi"/> under a virtual clock.</summary>
internal sealed class NodeHarness(IMachine<NodeInput, NodeOutput> node, ScriptedApi api)
{
    private const int MostSteps = 100_000;
    private static readonly DateTimeOffset Epoch = new(2030, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public Instant Now { get; private set; } = Instant.Zero;

    public List<LogEvent> Logs { get; } = [];

    public List<LinkCommand> Commands { get; } = [];

    public List<BgpCommand> BgpCommands { get; } = [];

    /// <summary>Answers to calls of the webhook.</summary>
    public List<NodeOutput.AnswerReview> Answers { get; } = [];

    /// <summary>Orders about members, and commands to the link loop, in order.</summary>
    public List<NodeOutput> MemberOrders { get; } = [];

    public bool IsShutDown { get; private set; }

    /// <summary>The gauges and counters as a scrape would show them.</summary>
    public SortedDictionary<string, double> Metrics { get; } = new(StringComparer.Ordinal);

    /// <summary>Starts the node and lets everything settle that needs no waiting.</summary>
    public NodeHarness Start()
    {
        Tell(new NodeInput.ClockRead(Epoch));
        return Settle();
    }

    public NodeHarness Tell(NodeInput input)
    {
        node.Handle(input, Now);
        return Settle();
    }

    /// <summary>Exchanges messages until both sides are silent at this instant.</summary>
    public NodeHarness Settle()
    {
        for (var step = 0; step < MostSteps; step++)
        {
            if (node.NextDeadline is { } deadline && deadline <= Now)
                node.Advance(Now);
            var isBusy = Drain();
            while (api.TryTake(out var input))
            {
                node.Handle(input, Now);
                isBusy |= true | Drain();
            }
            if (!isBusy && !(node.NextDeadline <= Now))
                return this;
        }
        throw new InvalidOperationException("the node does not come to rest");
    }

    /// <summary>Lets time pass, from deadline to deadline.</summary>
    public NodeHarness Pass(TimeSpan time)
    {
        var end = Now + time;
        while (node.NextDeadline is { } deadline && deadline <= end)
        {
            Now = deadline > Now ? deadline : Now;
            Settle();
        }
        Now = end;
        return Settle();
    }

    public int CountLogs(string message) => Logs.Count(line => line.Message == message);

    private bool Drain()
    {
        var any = false;
        while (node.TryTake(out var output))
        {
            any = true;
            switch (output)
            {
                case NodeOutput.SendKubeRequest send:
                    api.Handle(send.Request);
                    break;
                case NodeOutput.CancelKubeRequest cancel:
                    api.Cancel(cancel.RequestId);
                    break;
                case NodeOutput.CommandLink command:
                    Commands.Add(command.Command);
                    break;
                case NodeOutput.CommandBgp command:
                    BgpCommands.Add(command.Command);
                    break;
                case NodeOutput.JoinMembers or NodeOutput.LeaveMembers or NodeOutput.StateMetadata or NodeOutput.SuspectMember:
                    MemberOrders.Add(output);
                    break;
                case NodeOutput.WriteLog log:
                    Logs.Add(log.Event);
                    break;
                case NodeOutput.ChangeMetric change:
                    Apply(change.Change);
                    break;
                case NodeOutput.AnswerReview answer:
                    Answers.Add(answer);
                    break;
                case NodeOutput.CompleteShutdown:
                    IsShutDown = true;
                    break;
            }
        }
        return any;
    }

    private void Apply(MetricChange change)
    {
        var series = change.Name + string.Concat(change.Labels.Select(label => $",{label.Name}={label.Value}"));
        if (change.Operation == MetricOperation.Remove)
            Metrics.Remove(series);
        else if (change.Operation == MetricOperation.Set)
            Metrics[series] = change.Value;
        else
            Metrics[series] = Metrics.GetValueOrDefault(series) + change.Value;
    }
}

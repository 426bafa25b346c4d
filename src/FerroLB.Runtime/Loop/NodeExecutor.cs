using System;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Protocols.Gossip;
using FerroLB.Runtime.KubeHttp;

namespace FerroLB.Runtime.Loop;

/// <summary>Carries out what a node orders; called on its loop's thread and never waiting, but for a link loop that is far
/// behind.</summary>
/// <param name="kube">Sends requests to Kubernetes.</param>
/// <param name="writeLog">Takes log lines.</param>
/// <param name="changeMetric">Takes metric changes.</param>
/// <param name="command">Takes commands to the link loop; null for a node that has none.</param>
/// <param name="serve">Takes orders to the webhook's server; null for a node that has none.</param>
/// <param name="wish">Takes wishes to the membership loop; null for a node that has none.</param>
/// <param name="commandBgp">Takes commands to the BGP loop; null for a node that has none.</param>
public sealed class NodeExecutor(
    KubeHttpClient kube, Action<LogEvent> writeLog, Action<MetricChange> changeMetric, Action<LinkCommand>? command = null,
    Action<NodeOutput>? serve = null, Action<GossipInput>? wish = null, Action<BgpCommand>? commandBgp = null)
{
    /// <summary>Carries out one order.</summary>
    public void Execute(NodeOutput output)
    {
        switch (output)
        {
            case NodeOutput.SendKubeRequest send:
                kube.Send(send.Request);
                break;
            case NodeOutput.CancelKubeRequest cancel:
                kube.Cancel(cancel.RequestId);
                break;
            case NodeOutput.CommandLink link:
                command?.Invoke(link.Command);
                break;
            case NodeOutput.CommandBgp bgp:
                commandBgp?.Invoke(bgp.Command);
                break;
            case NodeOutput.WriteLog line:
                writeLog(line.Event);
                break;
            case NodeOutput.ChangeMetric change:
                changeMetric(change.Change);
                break;
            case NodeOutput.AnswerReview or NodeOutput.IssueCertificate or NodeOutput.ServeCertificate:
                serve?.Invoke(output);
                break;
            case NodeOutput.JoinMembers join:
                wish?.Invoke(new GossipInput.JoinRequested(join.Addresses));
                break;
            case NodeOutput.StateMetadata state:
                wish?.Invoke(new GossipInput.MetadataChanged(state.Metadata));
                break;
            case NodeOutput.SuspectMember(var name, var accusation):
                wish?.Invoke(new GossipInput.SuspectRequested(name, accusation));
                break;
            case NodeOutput.LeaveMembers:
                wish?.Invoke(new GossipInput.LeaveRequested());
                break;
        }
    }
}

using FerroLB.Core.Kube.Objects;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Whether a speaker is believed to live on a node. Until speakers watch each other, the cluster's node controller is asked: it sets the
/// condition Ready to Unknown when it has not heard from a node, and a node's own kubelet sets it to False. A node without the condition
/// counts as alive.
/// </summary>
public static class NodeLiveness
{
    /// <summary>Whether the node is believed to be alive.</summary>
    public static bool IsAlive(Node node) => node.Ready is null or "True";
}

using System;
using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.Workloads;

namespace FerroLB.Lab.Commands;

internal static class ProductMachines
{
    private const string SystemNamespace = "metallb-system";

    public static readonly MachineFactory Factory = new(
        start => new ControllerNode(
            new()
            {
                Namespace = SystemNamespace,
                LoadBalancerClass = start.LoadBalancerClass,
                PodName = start.Name,
                Election = start.Elects ? new() { Namespace = SystemNamespace, Identity = start.Identity } : null,
            },
            start.Seed),
        start => new SpeakerNode(
            new(start.Node, SystemNamespace)
            {
                LoadBalancerClass = start.LoadBalancerClass,
                SendsHeartbeats = start.SendsHeartbeats,
                Membership = start.Address is { } address
                    ? new(LabObjects.SpeakerLabels, new(address, MembershipBox.Port))
                    : null,
            },
            start.Seed),
        start => LinkMachine.Of(new(LinkOptions(start), start.Seed)));

    private static LinkNodeOptions LinkOptions(LinkStart start) => new()
    {
        Heartbeats = start.HeartbeatInterval > TimeSpan.Zero
            ? new(start.Node, (ulong)start.Utc.ToUnixTimeMilliseconds(), start.HeartbeatInterval)
            : null,
    };
}

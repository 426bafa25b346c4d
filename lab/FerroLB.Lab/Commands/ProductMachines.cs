using FerroLB.Core.Nodes;
using FerroLB.Lab.Cluster;

namespace FerroLB.Lab.Commands;

internal static class ProductMachines
{
    private const string SystemNamespace = "metallb-system";

    public static readonly MachineFactory Factory = new(
        seed => new ControllerNode(new() { Namespace = SystemNamespace }, seed),
        (name, seed) => new SpeakerNode(new(name, SystemNamespace), seed),
        seed => new LinkNode(new LinkNodeOptions(), seed));
}

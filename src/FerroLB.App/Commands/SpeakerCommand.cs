using System.CommandLine;
using System.Net;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Runtime.Loop;

namespace FerroLB.App.Commands;

/// <summary>`ferrolb speaker`: answers for the addresses of Services, on every node.</summary>
internal static class SpeakerCommand
{
    private const string Description =
        "Attracts the traffic of Services to this node: answers ARP for the addresses that it is elected for. One per node, in its " +
        "network, with the capability NET_RAW. Flags may be written with one hyphen or two.";

    private static readonly Option<string> NodeName = Flags.Text(
        "--node-name", "METALLB_NODE_NAME", "", "Name of this node in Kubernetes. Required.");

    private static readonly Option<bool> IgnoresExcludeLabel = Flags.Switch(
        "--ignore-exclude-lb", "Announce also from nodes labelled node.kubernetes.io/exclude-from-external-load-balancers.");

    private static readonly Option<string> GratuitousInterval = Flags.Duration(
        "--gratuitous-arp-interval", "60s", "How often an owned address is announced unasked; 0 for only when it moves.");

    private static readonly Option<string> ExcludedInterfaces = Flags.Text(
        "--excludel2-file", "FERROLB_EXCLUDEL2_FILE", ExcludedInterfacesFile.DefaultPath,
        "File with the interfaces that are never used; may be missing.");

    private static readonly Option<string> CollectsEvery = Flags.Duration(
        "--debug-collect-every", "0", "For tests: how often to collect the whole heap; 0 for never.");

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var flags = new NodeFlags();
        var membership = new MembershipFlags();
        var heartbeats = new HeartbeatFlags();
        var command = new Command("speaker", Description) { NodeName };
        flags.AddTo(command);
        foreach (var option in (Option[])[IgnoresExcludeLabel, GratuitousInterval, ExcludedInterfaces])
            command.Options.Add(option);
        membership.AddTo(command);
        heartbeats.AddTo(command);
        CollectsEvery.Hidden = true;
        command.Options.Add(CollectsEvery);
        NodeFlags.AddAcceptedTo(command);
        AddAcceptedTo(command);
        command.SetAction(arguments => Run(arguments, flags.Read(arguments), membership, heartbeats));
        return command;
    }

    private static int Run(
        ParseResult arguments, NodeSettings settings, MembershipFlags membershipFlags, HeartbeatFlags heartbeatFlags)
    {
        var nodeName = arguments.GetValue(NodeName)!;
        if (nodeName.Length == 0)
            throw new StartException(2, "the name of this node is not known. Name it with --node-name or in METALLB_NODE_NAME.");
        var exclusions = ExcludedInterfacesFile.Read(arguments.GetValue(ExcludedInterfaces)!);
        var membership = membershipFlags.Read(arguments, nodeName, NodeProcess.DrawSeed());
        var heartbeats = heartbeatFlags.Read(arguments, nodeName, membershipFlags.ReadSecret(arguments));
        using var process = new NodeProcess("speaker", settings);
        if (!LinkLoop.IsPermitted())
            throw new StartException(1, "needs the capability NET_RAW to answer ARP. Run it as root, or add CAP_NET_RAW to its container.");
        var link = new LinkNode(
            new()
            {
                Exclusions = exclusions,
                GratuitousInterval = Flags.ReadDuration(arguments.GetValue(GratuitousInterval)!),
                Heartbeats = heartbeats?.Config,
                LogsFrames = settings.LowestLevel == LogLevel.Debug,
            },
            NodeProcess.DrawSeed());
        var options = new SpeakerOptions(nodeName, settings.Namespace)
        {
            PodName = settings.PodName,
            LoadBalancerClass = settings.LoadBalancerClass,
            IgnoreExcludeLabel = arguments.GetValue(IgnoresExcludeLabel),
            SendsHeartbeats = heartbeats is not null,
            Membership = membership is null ? null : new(membershipFlags.LabelsOf(arguments), membership.Bind),
        };
        var node = new SpeakerNode(options, NodeProcess.DrawSeed());
        using var collections = new ForcedCollections(Flags.ReadDuration(arguments.GetValue(CollectsEvery)!), process.WriteLog);
        return process.RunAsync(
            node, () => node.Snapshot, link, IPAddress.Loopback, membership: membership, heartbeats: heartbeats, bgpNode: nodeName)
            .GetAwaiter().GetResult();
    }

    private static void AddAcceptedTo(Command command)
    {
        const string OneEngine = "there is one BGP engine, and it needs no FRR.";
        foreach (var (flag, variable) in ((string, string?)[])[
            ("--bgp-debounce-timeout", "METALLB_BGP_DEBOUNCE_TIMEOUT"), ("--frrk8s-namespace", "FRRK8S_NAMESPACE"),
            ("--frrk8s-secret-passthrough", null)])
            command.Options.Add(Flags.Accepted(flag, variable, OneEngine));
        command.Options.Add(Flags.Accepted("--host", "METALLB_HOST", "it has none in MetalLB either."));
    }
}

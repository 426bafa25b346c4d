using System.CommandLine;
using System.Net;
using FerroLB.Core.Election;
using FerroLB.Core.Nodes;

namespace FerroLB.App.Commands;

/// <summary>`ferrolb controller`: assigns addresses to Services.</summary>
internal static class ControllerCommand
{
    private const string Description =
        "Assigns addresses from IPAddressPools to Services of type LoadBalancer and writes them to their status. " +
        "Of several replicas one leads and the others stand by. Flags may be written with one hyphen or two.";

    /// <summary>Builds the command.</summary>
    public static Command Create()
    {
        var flags = new NodeFlags();
        var election = new LeaderElectionFlags();
        var webhooks = new WebhookFlags();
        var command = new Command("controller", Description);
        flags.AddTo(command);
        election.AddTo(command);
        webhooks.AddTo(command);
        NodeFlags.AddAcceptedTo(command);
        var memberlist = new MemberlistFlags();
        memberlist.AddTo(command);
        command.SetAction(arguments =>
        {
            var settings = flags.Read(arguments);
            var chosen = (election.Read(arguments, settings), memberlist.Read(arguments));
            return Run(settings, chosen, webhooks.Read(arguments, settings.Namespace));
        });
        return command;
    }

    private static int Run(
        NodeSettings settings, (LeaderElectionOptions? Election, MemberlistOptions? Memberlist) chosen, WebhookSettings webhooks)
    {
        using var process = new NodeProcess("controller", settings);
        var options = new ControllerOptions
        {
            Namespace = settings.Namespace,
            LoadBalancerClass = settings.LoadBalancerClass,
            PodName = settings.PodName,
            Election = chosen.Election,
            Memberlist = chosen.Memberlist,
            Certificates = webhooks.Certificates,
            IsWebhookOnly = webhooks.IsOnly,
        };
        var node = new ControllerNode(options, NodeProcess.DrawSeed());
        return process.RunAsync(node, () => node.Snapshot, null, IPAddress.Any, webhooks).GetAwaiter().GetResult();
    }
}

using System.CommandLine;
using System.Net;
using FerroLB.Core.Election;
using FerroLB.Core.Nodes;
using FerroLB.Runtime.Loop;

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
        AddAcceptedTo(command);
        command.SetAction(arguments =>
        {
            var settings = flags.Read(arguments);
            return Run(settings, election.Read(arguments, settings), webhooks.Read(arguments, settings.Namespace));
        });
        return command;
    }

    private static int Run(NodeSettings settings, LeaderElectionOptions? election, WebhookSettings webhooks)
    {
        using var process = new NodeProcess("controller", settings);
        var options = new ControllerOptions
        {
            Namespace = settings.Namespace,
            LoadBalancerClass = settings.LoadBalancerClass,
            PodName = settings.PodName,
            Election = election,
            Certificates = webhooks.Certificates,
            IsWebhookOnly = webhooks.IsOnly,
        };
        var node = new ControllerNode(options, NodeProcess.DrawSeed());
        using var trim = new HeapTrim();
        trim.Start();
        return process.RunAsync(node, () => node.Snapshot, null, IPAddress.Any, webhooks).GetAwaiter().GetResult();
    }

    private static void AddAcceptedTo(Command command)
    {
        const string NoMembership = "there is no membership between speakers yet.";
        command.Options.Add(Flags.Accepted("--ml-secret-name", "METALLB_ML_SECRET_NAME", NoMembership));
        command.Options.Add(Flags.Accepted("--deployment", "METALLB_DEPLOYMENT", NoMembership));
    }
}

using System;
using System.CommandLine;
using System.Globalization;
using System.Security.Cryptography;
using FerroLB.Core.Election;

namespace FerroLB.App.Commands;

/// <summary>The flags of the leader election, named as in the components of Kubernetes.</summary>
internal sealed class LeaderElectionFlags
{
    private readonly Option<bool> _isWanted = new("--leader-elect")
    {
        Description = "Lead only while holding a Lease, so that several replicas may run. With =false there must never be more than one.",
        DefaultValueFactory = _ => true,
        HelpName = "true|false",
    };

    private readonly Option<string> _leaseDuration = Flags.Duration(
        "--leader-elect-lease-duration", "15s", "How long the others wait after the leader's last sign of life; whole seconds.");

    private readonly Option<string> _renewDeadline = Flags.Duration(
        "--leader-elect-renew-deadline", "10s", "How long the leader goes on without renewing its Lease; less than the lease duration.");

    private readonly Option<string> _retryPeriod = Flags.Duration(
        "--leader-elect-retry-period", "2s", "Time between renewals and between attempts; less than the renew deadline.");

    private readonly Option<string> _name = Flags.Text("--leader-elect-resource-name", null, "ferrolb-controller", "Name of the Lease.");

    private readonly Option<string> _namespace = Flags.Text(
        "--leader-elect-resource-namespace", null, "", "Namespace of the Lease; by default the configuration's.");

    /// <summary>Adds the flags to a command.</summary>
    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[_isWanted, _leaseDuration, _renewDeadline, _retryPeriod, _name, _namespace])
            command.Options.Add(option);
    }

    /// <summary>Reads the flags; null when no election is wanted.</summary>
    /// <exception cref="StartException">The spans do not fit each other.</exception>
    public LeaderElectionOptions? Read(ParseResult arguments, NodeSettings settings)
    {
        if (!arguments.GetValue(_isWanted))
            return null;
        var space = arguments.GetValue(_namespace)!;
        var options = new LeaderElectionOptions
        {
            Namespace = space.Length > 0 ? space : settings.Namespace,
            Name = arguments.GetValue(_name)!,
            Identity = DrawIdentity(settings.PodName),
            LeaseDuration = Flags.ReadDuration(arguments.GetValue(_leaseDuration)!),
            RenewDeadline = Flags.ReadDuration(arguments.GetValue(_renewDeadline)!),
            RetryPeriod = Flags.ReadDuration(arguments.GetValue(_retryPeriod)!),
        };
        Check(options);
        return options;
    }

    private void Check(LeaderElectionOptions options)
    {
        if (options.LeaseDuration < TimeSpan.FromSeconds(1) || options.LeaseDuration.Ticks % TimeSpan.TicksPerSecond != 0)
            throw Fault(_leaseDuration.Name, options.LeaseDuration, "must be a whole number of seconds, at least 1s");
        if (options.RenewDeadline >= options.LeaseDuration)
            throw Fault(_renewDeadline.Name, options.RenewDeadline, $"must be less than {_leaseDuration.Name}");
        if (options.RetryPeriod <= TimeSpan.Zero || options.RetryPeriod * 1.2 >= options.RenewDeadline)
            throw Fault(_retryPeriod.Name, options.RetryPeriod, $"must be less than {_renewDeadline.Name} divided by 1.2");
    }

    private static StartException Fault(string flag, TimeSpan value, string rule) => new(2, $"{flag} is {Text(value)}; it {rule}.");

    private static string Text(TimeSpan span) => span.TotalSeconds.ToString(CultureInfo.InvariantCulture) + "s";

    /// <summary>No two processes may have the same, so it is drawn anew at each start.</summary>
    private static string DrawIdentity(string podName) =>
        $"{(podName.Length > 0 ? podName : Environment.MachineName)}_{Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(8))}";
}

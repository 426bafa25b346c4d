using FerroLB.Core.Status;

namespace FerroLB.Core.Election;

/// <summary>Every log line of the election.</summary>
public static class ElectionLog
{
    /// <summary>This process leads from now on.</summary>
    public static LogEvent Leading(LeaderElectionOptions options, FormerTerm former) => new(
        LogLevel.Info, "this controller leads", Lease(options), Identity(options), new LogField("formerTerm", former.ToString()));

    /// <summary>The leader could renew again before anybody else had taken over.</summary>
    public static LogEvent Resumed(LeaderElectionOptions options) => new(
        LogLevel.Info, "the Lease is renewed again and nobody else has led: this controller goes on", Lease(options), Identity(options));

    /// <summary>The leader could not renew in time.</summary>
    public static LogEvent Suspended(LeaderElectionOptions options, string problem) => new(
        LogLevel.Warn, "the Lease could not be renewed in time: this controller decides nothing until it is",
        Lease(options), new LogField("problem", problem));

    /// <summary>Somebody else leads.</summary>
    public static LogEvent Deposed(LeaderElectionOptions options, string holder) => new(
        LogLevel.Warn, "this controller leads no more", Lease(options), new LogField("holder", holder));

    /// <summary>Another process leads, as far as a standby sees.</summary>
    public static LogEvent Follows(LeaderElectionOptions options, string holder) => new(
        LogLevel.Info, "another controller leads", Lease(options), new LogField("holder", holder));

    /// <summary>The first failed attempt after a success.</summary>
    public static LogEvent Failing(LeaderElectionOptions options, string problem) => new(
        LogLevel.Warn, "the Lease cannot be written; attempts go on", Lease(options), new LogField("problem", problem));

    /// <summary>The Lease was given back.</summary>
    public static LogEvent Released(LeaderElectionOptions options, bool isComplete) => new(
        LogLevel.Info, "gave the Lease back", Lease(options), new LogField("complete", isComplete ? "true" : "false"));

    private static LogField Lease(LeaderElectionOptions options) => new("lease", options.Lease.ToString());

    private static LogField Identity(LeaderElectionOptions options) => new("identity", options.Identity);
}

using System.Globalization;
using FerroLB.Core.Config;
using FerroLB.Core.Status;

namespace FerroLB.Core.Nodes;

/// <summary>Every log line about the configuration.</summary>
public static class ConfigLog
{
    /// <summary>A configuration is in force.</summary>
    public static LogEvent Loaded(ClusterConfig config) => new(
        LogLevel.Info, "configuration loaded",
        new LogField("pools", Number(config.Pools.Length)), new LogField("l2Advertisements", Number(config.L2Advertisements.Length)));

    /// <summary>An object of the configuration breaks a rule.</summary>
    public static LogEvent Rejected(ConfigRejection rejection) => new(
        LogLevel.Error, "failed to parse the configuration",
        new LogField("kind", rejection.Kind), new LogField("object", rejection.Object.ToString()), new LogField("field", rejection.Field),
        new LogField("value", rejection.Value), new LogField("rule", rejection.Rule), new LogField("remedy", rejection.Remedy),
        new LogField("lastValidFormInForce", rejection.LastValidFormInForce ? "true" : "false"));

    private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);
}

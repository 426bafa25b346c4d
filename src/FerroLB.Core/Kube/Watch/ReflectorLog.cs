using System.Globalization;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Status;

namespace FerroLB.Core.Kube.Watch;

/// <summary>Every log line about the connection to the API server.</summary>
public static class ReflectorLog
{
    /// <summary>The first failure after things went well; repeated attempts are silent.</summary>
    public static LogEvent Unreachable(KubeResource resource, string problem) => new(
        LogLevel.Warn, "cannot read from the API server; what is known stays in use, and attempts go on",
        new LogField("resource", resource.Plural), new LogField("problem", problem));

    /// <summary>The first success after a failure.</summary>
    public static LogEvent Reachable(KubeResource resource) => new(
        LogLevel.Info, "the API server answers again", new LogField("resource", resource.Plural));

    /// <summary>A complete list was read.</summary>
    public static LogEvent Listed(KubeResource resource, int count) => new(
        LogLevel.Info, "read a complete list", new LogField("resource", resource.Plural),
        new LogField("objects", count.ToString(CultureInfo.InvariantCulture)));

    /// <summary>The server no longer keeps the changes since the last known version.</summary>
    public static LogEvent Expired(KubeResource resource) => new(
        LogLevel.Info, "the server no longer keeps the changes since the last one seen; listing again",
        new LogField("resource", resource.Plural));

    /// <summary>A watch was silent beyond its end.</summary>
    public static LogEvent Silent(KubeResource resource) => new(
        LogLevel.Warn, "a request to the API server stayed without an answer; giving it up", new LogField("resource", resource.Plural));

    /// <summary>An object could not be read.</summary>
    public static LogEvent Unreadable(JsonFault fault) => new(
        LogLevel.Error, "an object could not be read; its last readable form, if there was one, stays in use",
        new LogField("kind", fault.Kind), new LogField("object", fault.Key.ToString()),
        new LogField("field", fault.Path), new LogField("problem", fault.Problem));
}

using System.Runtime.InteropServices;
using System.Text.Json.Nodes;

namespace FerroLB.ApiServer.Http;

/// <summary>The version of Kubernetes that the server claims to speak; clients choose their ways by it.</summary>
internal static class ServerVersion
{
    /// <summary>As in `gitVersion`.</summary>
    public const string GitVersion = "v1.34.0+ferrolb";

    /// <summary>The answer to /version.</summary>
    public static JsonObject Describe() => new()
    {
        ["major"] = "1",
        ["minor"] = "34",
        ["gitVersion"] = GitVersion,
        ["gitCommit"] = "",
        ["gitTreeState"] = "clean",
        ["buildDate"] = "1970-01-01T00:00:00Z",
        ["goVersion"] = "",
        ["compiler"] = "",
        ["platform"] = "linux/" + RuntimeInformation.ProcessArchitecture.ToString().ToUpperInvariant() switch
        {
            "X64" => "amd64",
            "ARM64" => "arm64",
            string other => other,
        },
    };
}

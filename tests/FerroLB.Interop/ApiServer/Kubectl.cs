using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>A real kubectl: Debian's 1.20, and the one that is on the PATH.</summary>
internal sealed class Kubectl
{
    /// <summary>The versions that each test runs with.</summary>
    public static readonly TheoryData<string> Versions = ["1.20", "newest"];

    private const string OldVersion = "1.20";
    private static readonly Lazy<Task<string>> OldPath = new(UnpackAsync);
    private static readonly Lazy<Task<string>> NewestPath = new(FindNewestAsync);
    private readonly string _path;
    private readonly ServerProcess _server;

    private Kubectl(string path, ServerProcess server)
    {
        _path = path;
        _server = server;
    }

    /// <summary>Finds a version, or skips the test that wants it.</summary>
    public static async Task<Kubectl> FindAsync(string version, ServerProcess server)
    {
        string path = await (version == OldVersion ? OldPath : NewestPath).Value;
        Assert.SkipWhen(path.Length == 0, $"there is no kubectl {version} here, and none can be fetched");
        return new Kubectl(path, server);
    }

    /// <summary>Runs kubectl to its end.</summary>
    public Task<CommandResult> RunAsync(params string[] arguments) => RunWithInputAsync("", arguments);

    /// <summary>The same with a manifest on standard input.</summary>
    public Task<CommandResult> RunWithInputAsync(string input, params string[] arguments) =>
        CommandResult.RunAsync(_path, arguments, _server.Environment, input);

    /// <summary>Runs a command that must succeed; its output.</summary>
    public Task<string> OkAsync(params string[] arguments) => OkWithInputAsync("", arguments);

    /// <summary>The same with a manifest on standard input.</summary>
    public async Task<string> OkWithInputAsync(string input, params string[] arguments)
    {
        CommandResult result = await RunWithInputAsync(input, arguments);
        string command = "kubectl " + string.Join(' ', arguments);
        Assert.True(result.ExitCode == 0, $"{command}: exit code {result.ExitCode}\n{result.Output}{result.Errors}\n{_server.Log}");
        return result.Output.TrimEnd('\n');
    }

    /// <summary>Runs a command that must fail; what it complained of.</summary>
    public async Task<string> FailsWithInputAsync(string input, params string[] arguments)
    {
        CommandResult result = await RunWithInputAsync(input, arguments);
        Assert.True(result.ExitCode != 0, $"kubectl {string.Join(' ', arguments)} should fail, and printed\n{result.Output}");
        return result.Errors.TrimEnd('\n');
    }

    /// <summary>Starts a command that goes on, such as `get -w`.</summary>
    public WatchingKubectl Watch(params string[] arguments) =>
        new(CommandResult.Start(_path, arguments, _server.Environment));

    private static string FindOnPath(string name) => (System.Environment.GetEnvironmentVariable("PATH") ?? "").Split(':')
        .Select(directory => Path.Combine(directory, name))
        .FirstOrDefault(File.Exists, "");

    // Where Debian's is the only one there is nothing newer to test with.
    private static async Task<string> FindNewestAsync()
    {
        string path = FindOnPath("kubectl");
        if (path.Length == 0)
            return "";
        CommandResult version = await CommandResult.RunAsync(
            path, ["version", "--client", "-o", "json"], new SortedDictionary<string, string>());
        return version.Output.Contains("\"v1.20.", StringComparison.Ordinal) ? "" : path;
    }

    private static async Task<string> UnpackAsync()
    {
        string directory = Path.Combine(Shell.Root, "artifacts/tools/kubectl-1.20");
        string path = Path.Combine(directory, "usr/bin/kubectl");
        if (File.Exists(path))
            return path;
        Directory.CreateDirectory(Path.GetDirectoryName(directory)!);
        // Two processes of tests want it at the same time: one unpacks, beside the place where it is looked for, and moves
        // it there in one step; a program that is still being written cannot be run.
        const string Script = """
            set -e
            exec 9>"$1.lock"
            flock 9
            [ ! -x "$2" ] || exit 0
            rm -rf "$1" "$1".new
            mkdir "$1".new
            cd "$1".new
            apt-get download -qq kubernetes-client || { apt-get update -qq && apt-get download -qq kubernetes-client; }
            dpkg -x kubernetes-client_*.deb .
            rm kubernetes-client_*.deb
            mv "$1".new "$1"
            """;
        await CommandResult.RunAsync(
            "/bin/sh", ["-c", Script, "sh", directory, path], new SortedDictionary<string, string>(), limit: TimeSpan.FromMinutes(5));
        return File.Exists(path) ? path : "";
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.Demo;

/// <summary>A demo under a name of its own, seen from outside: its script, its API and its LAN.</summary>
internal sealed partial class RunningDemo(string name)
{
    private readonly Dictionary<string, string> _environment = new(StringComparer.Ordinal)
    {
        ["FERROLB_DEMO_NAME"] = name,
        ["FERROLB_BINARY"] = Shell.Ferrolb,
    };

    public string StateDirectory { get; } = Path.Combine(Shell.Root, ".demo-" + name);

    /// <summary>Runs `./demo` with the arguments; it must end within five minutes.</summary>
    public Task<ShellResult> RunAsync(params string[] arguments) =>
        Shell.RunAsync(TimeSpan.FromMinutes(5), _environment, Path.Combine(Shell.Root, "demo"), arguments);

    /// <summary>Starts `./demo` and kills it, and nothing else, as soon as its controller has been started.</summary>
    public async Task KillInTheMiddleAsync()
    {
        using var demo = Shell.Start(_environment, Path.Combine(Shell.Root, "demo"), "--keep");
        var reached = await Shell.UntilAsync(
            TimeSpan.FromMinutes(2), () => Task.FromResult(File.Exists(Path.Combine(StateDirectory, "run/controller-a.pid"))));
        demo.Kill();
        await demo.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(reached, "the demo never started its controller");
    }

    /// <summary>The addresses of all Services, by name; empty while the API server does not answer.</summary>
    public async Task<SortedDictionary<string, string>> AddressesAsync()
    {
        var result = await KubectlAsync("get", "services", "--all-namespaces", "--request-timeout=5s", "-o", "json");
        var addresses = new SortedDictionary<string, string>(StringComparer.Ordinal);
        if (result.ExitCode != 0)
        {
            return addresses;
        }

        using var list = JsonDocument.Parse(result.Output);
        foreach (var service in list.RootElement.GetProperty("items").EnumerateArray().Where(IsLoadBalancer))
        {
            addresses[service.GetProperty("metadata").GetProperty("name").GetString()!] = AddressOf(service);
        }

        return addresses;
    }

    /// <summary>The last lines that one of its processes wrote, for the message of a test that failed.</summary>
    public string LogOf(string process)
    {
        var file = Path.Combine(StateDirectory, "logs", process + ".log");
        return File.Exists(file) ? string.Join('\n', File.ReadLines(file).TakeLast(80)) : "";
    }

    /// <summary>Runs kubectl against the demo's API server.</summary>
    public Task<ShellResult> KubectlAsync(params string[] arguments) => ToolAsync(
        "kubectl",
        ["--kubeconfig", Path.Combine(StateDirectory, "kubeconfig"), "--cache-dir", Path.Combine(StateDirectory, "cache"), .. arguments]);

    /// <summary>Everybody who answers ARP for each address, as the client hears it.</summary>
    public async Task<SortedDictionary<string, string>> OwnersAsync(IEnumerable<string> addresses)
    {
        var asked = addresses.Distinct(StringComparer.Ordinal)
            .Select(async address => (address, await ToolAsync(
                "ip", "netns", "exec", $"flb-{name}-client", "arping", "-b", "-w", "1", "-I", "eth0", address)))
            .ToList();
        var owners = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var (address, answer) in await Task.WhenAll(asked))
        {
            var macs = MacAddress().Matches(answer.Output).Select(match => match.Value);
            owners[address] = string.Join(' ', macs.Distinct(StringComparer.Ordinal));
        }

        return owners;
    }

    /// <summary>The next hops, sorted, that the router's kernel has for an address.</summary>
    public async Task<IReadOnlyList<string>> NextHopsAsync(string address)
    {
        var family = address.Contains(':', StringComparison.Ordinal) ? "-6" : "-4";
        var route = await ToolAsync("ip", "-n", $"flb-{name}-router", family, "route", "show", address);
        return [.. NextHop().Matches(route.Output).Select(match => match.Groups[1].Value).Order(StringComparer.Ordinal)];
    }

    /// <summary>What is left of the demo: namespaces, interfaces, processes and files.</summary>
    public async Task<IReadOnlyList<string>> RemainsAsync()
    {
        var namespaces = await ToolAsync("ip", "netns", "list");
        var links = await ToolAsync("ip", "-brief", "link");
        var remains = (namespaces.Output + links.Output).Split('\n')
            .Where(line => line.StartsWith($"flb-{name}-", StringComparison.Ordinal)).ToList();
        string[] marks = [StateDirectory, $"flb-{name}-"];
        remains.AddRange(Directory.GetDirectories("/run", $"flb-{name}-*"));
        remains.AddRange(Directory.GetDirectories("/proc").Select(CommandLine)
            .Where(line => marks.Any(mark => line.Contains(mark, StringComparison.Ordinal))));
        if (Directory.Exists(StateDirectory))
        {
            remains.Add(StateDirectory);
        }

        return remains;
    }

    private static bool IsLoadBalancer(JsonElement service) =>
        service.GetProperty("spec").GetProperty("type").GetString() == "LoadBalancer";

    private static string AddressOf(JsonElement service) =>
        service.GetProperty("status").TryGetProperty("loadBalancer", out var status) && status.TryGetProperty("ingress", out var ingress)
            ? string.Join(' ', ingress.EnumerateArray().Select(entry => entry.GetProperty("ip").GetString()))
            : "";

    private static string CommandLine(string directory)
    {
        try
        {
            return File.ReadAllText(Path.Combine(directory, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return "";
        }
    }

    private Task<ShellResult> ToolAsync(string file, params string[] arguments) =>
        Shell.RunAsync(TimeSpan.FromSeconds(30), _environment, file, arguments);

    [GeneratedRegex("nexthop via ([0-9a-f.:]+)")]
    private static partial Regex NextHop();

    [GeneratedRegex("([0-9A-Fa-f]{2}:){5}[0-9A-Fa-f]{2}")]
    private static partial Regex MacAddress();
}

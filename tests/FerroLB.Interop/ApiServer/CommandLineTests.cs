using System;
using System.Collections.Generic;
using System.IO;
using System.Net;
using System.Net.Sockets;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>What `ferrolb apiserver` says when it cannot start.</summary>
public sealed class CommandLineTests
{
    private static readonly SortedDictionary<string, string> NoEnvironment = new(StringComparer.Ordinal);

    [Fact]
    public async Task Help_names_every_flag()
    {
        CommandResult help = await RunAsync("--help");
        Assert.Equal(0, help.ExitCode);
        foreach (string flag in new[] { "--bind", "--port", "--data", "--kubeconfig", "--token", "--log-level" })
            Assert.Contains(flag, help.Output);
    }

    [Theory]
    [InlineData("--prot", "Unrecognized command or argument '--prot'")]
    [InlineData("--port=70000", "--port must lie between 0 and 65535")]
    [InlineData("--bind=here", "--bind takes an IP address")]
    [InlineData("--log-level=loud", "'loud'")]
    public async Task Wrong_flag_is_one_line_and_exit_code_2(string argument, string expected)
    {
        CommandResult result = await RunAsync(argument);
        Assert.Equal(2, result.ExitCode);
        Assert.Contains(expected, result.Errors);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Port_in_use_is_one_line_with_the_remedy()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        int port = ((IPEndPoint)listener.LocalEndpoint).Port;
        CommandResult result = await RunAsync("--port", $"{port}");
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith($"ferrolb apiserver: cannot listen on 127.0.0.1:{port}: ", result.Errors);
        Assert.Contains("--port", result.Errors);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Data_directory_that_cannot_be_used_is_one_line_with_the_remedy()
    {
        string file = Path.GetTempFileName();
        CommandResult result = await RunAsync("--port", "0", "--data", file);
        File.Delete(file);
        Assert.Equal(1, result.ExitCode);
        Assert.StartsWith("ferrolb apiserver: cannot use the data directory ", result.Errors);
        Assert.Single(result.Errors.TrimEnd().Split('\n'));
    }

    [Fact]
    public async Task Second_server_on_the_same_data_is_refused()
    {
        await using var server = new ServerProcess();
        await server.StartAsync();
        CommandResult result = await RunAsync("--port", "0", "--data", server.DataDirectory, "--kubeconfig", server.KubeConfig + ".second");
        Assert.Equal(1, result.ExitCode);
        Assert.Contains("no other server uses", result.Errors);
    }

    private static Task<CommandResult> RunAsync(params string[] arguments) =>
        CommandResult.RunAsync(Shell.Ferrolb, ["apiserver", .. arguments], NoEnvironment);
}

using System;
using System.IO;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

public sealed class SpeakerStartTests : IDisposable
{
    private readonly TestLan _lan = new("node-1");

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Without_NET_RAW_it_ends_with_one_line_and_exit_code_1()
    {
        var (exitCode, output) = Speaker("--bounding-set=-net_raw", "--node-name", "node-1");
        Assert.Equal(1, exitCode);
        Assert.Contains("NET_RAW", Assert.Single(Lines(output)), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--node-name or in METALLB_NODE_NAME")]
    [InlineData("--nosuchflag", "--node-name", "n", "--nosuchflag")]
    [InlineData("--port must lie between", "--node-name", "n", "--port", "70000")]
    [InlineData("--log-level takes one of", "--node-name", "n", "-log-level=loud")]
    [InlineData("--gratuitous-arp-interval takes", "--node-name", "n", "--gratuitous-arp-interval", "soon")]
    public void A_wrong_command_line_ends_with_one_line_and_exit_code_2(string words, params string[] flags)
    {
        var (exitCode, output) = Speaker("--bounding-set=+all", flags);
        Assert.Equal(2, exitCode);
        Assert.Contains(words, Assert.Single(Lines(output)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_unreadable_kubeconfig_is_named_and_ends_with_exit_code_2()
    {
        var (exitCode, output) = Run("speaker", "--namespace", "x", "--node-name", "n", "--kubeconfig", "/nonexistent/config");
        Assert.Equal(2, exitCode);
        Assert.Contains("/nonexistent/config", Assert.Single(Lines(output)), StringComparison.Ordinal);
    }

    [Fact]
    public void An_invalid_exclusion_names_the_file_and_the_expression()
    {
        var file = Path.Combine(_lan.Directory, "excludel2.yaml");
        File.WriteAllText(file, "announcedInterfacesToExclude: ['^docker.*', '^veth[']\n");
        var (exitCode, output) = Speaker("--bounding-set=+all", "--node-name", "n", "--excludel2-file", file);
        Assert.Equal(1, exitCode);
        var line = Assert.Single(Lines(output));
        Assert.Contains(file, line, StringComparison.Ordinal);
        Assert.Contains("^veth[", line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("announcedInterfacesToExclude: ['^docker.*'", "Correct the YAML")]
    [InlineData("announcedInterfacesToExclude: '^lo$'", "must be a list of regular expressions")]
    public void A_file_of_exclusions_that_cannot_be_read_is_named_with_what_is_wrong(string content, string complaint)
    {
        var file = Path.Combine(_lan.Directory, "excludel2.yaml");
        File.WriteAllText(file, content + "\n");
        var (exitCode, output) = Speaker("--bounding-set=+all", "--node-name", "n", "--excludel2-file", file);
        Assert.Equal(1, exitCode);
        var line = Assert.Single(Lines(output));
        Assert.Contains(file, line, StringComparison.Ordinal);
        Assert.Contains(complaint, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("controller")]
    [InlineData("speaker")]
    public void Help_names_the_flags_and_their_variables(string command)
    {
        var (exitCode, output) = Run(command, "--help");
        Assert.Equal(0, exitCode);
        Assert.Contains("METALLB_NAMESPACE", output, StringComparison.Ordinal);
        Assert.Contains("--kubeconfig", output, StringComparison.Ordinal);
    }

    private (int ExitCode, string Output) Speaker(string capabilities, params string[] flags)
    {
        var kubeconfig = Path.Combine(_lan.Directory, "kubeconfig");
        File.WriteAllText(kubeconfig, """
            current-context: c
            contexts: [{name: c, context: {cluster: k}}]
            clusters: [{name: k, cluster: {server: "https://10.98.0.1:6443"}}]
            """);
        return _lan.Try("node-1", "setpriv",
            [capabilities, Shell.Ferrolb, "speaker", "--namespace", "x", "--kubeconfig", kubeconfig, .. flags]);
    }

    private (int ExitCode, string Output) Run(params string[] arguments) => _lan.Try("node-1", Shell.Ferrolb, arguments);

    private static string[] Lines(string output) => output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
}

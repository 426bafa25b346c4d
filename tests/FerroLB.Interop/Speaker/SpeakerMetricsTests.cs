using System;
using System.IO;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>A speaker's metrics, over HTTPS and over plain HTTP, and what Prometheus' own checker says about them.</summary>
public sealed class SpeakerMetricsTests : IDisposable
{
    private readonly TestLan _lan = new("client", "node-1", "node-2");
    private readonly TestCluster _cluster;

    public SpeakerMetricsTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Promtool_is_content_and_only_a_token_opens_them_over_TLS()
    {
        _cluster.StartApiServer();
        _cluster.Prepare();
        _cluster.AddNode("node-1");
        _cluster.AddPool("10.98.1.0/28");
        _cluster.AddServices("web");
        _cluster.StartController();
        _lan.Until("the Service has an address", () => _cluster.AddressOf("web").Length > 0);
        _cluster.StartSpeaker("node-1", "--metrics-plain-http");
        _lan.Until("the address is answered for", () => _lan.ArpAnswers("client", _cluster.AddressOf("web"), 1).Length == 1);
        var text = "";
        _lan.Until("the announcement is counted", () =>
        {
            text = Curl("node-1", "http://127.0.0.1:9120/metrics");
            return text.Contains("metallb_speaker_announced{", StringComparison.Ordinal);
        });
        var file = Path.Combine(_lan.Directory, "metrics");
        File.WriteAllText(file, text);
        var (_, output) = Tool.Try("sh", "-c", $"promtool check metrics < '{file}'");
        // MetalLB's names, which dashboards know, break one custom of names; there is nothing else to say.
        Assert.DoesNotContain(output.Split('\n', StringSplitOptions.RemoveEmptyEntries), line => !IsCustomOfNames(line));

        _cluster.AddNode("node-2");
        _cluster.StartSpeaker("node-2");
        const string secured = "https://127.0.0.1:9120/metrics";
        _lan.Until("the other speaker serves", () => Curl("node-2", secured).Contains("token", StringComparison.Ordinal));
        Assert.Equal("the cluster does not know this token\n", Curl("node-2", secured, "-H", "Authorization: Bearer stranger"));
        Assert.Contains("# HELP", Curl("node-2", secured, "-H", $"Authorization: Bearer {_cluster.Token}"), StringComparison.Ordinal);
        Assert.Equal("ok", Curl("node-2", "http://127.0.0.1:17472/readyz"));
    }

    private static bool IsCustomOfNames(string complaint) =>
        complaint.StartsWith("metallb_layer2_", StringComparison.Ordinal) &&
        complaint.EndsWith("counter metrics should have \"_total\" suffix", StringComparison.Ordinal);

    private string Curl(string host, string url, params string[] flags) => _lan.Try(host, "curl", ["-sk", .. flags, url]).Output;
}

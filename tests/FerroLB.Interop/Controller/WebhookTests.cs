using System;
using System.Collections.Concurrent;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using FerroLB.Interop.ApiServer;
using Xunit;
using static FerroLB.Interop.Controller.WebhookCluster;

namespace FerroLB.Interop.Controller;

/// <summary>The controller's webhooks and metrics as users, the API server and Prometheus meet them.</summary>
public sealed class WebhookTests(WebhookCluster cluster) : IClassFixture<WebhookCluster>
{
    [Fact]
    public async Task Pool_that_overlaps_another_is_refused_in_words_that_help()
    {
        Assert.Equal(0, (await cluster.ApplyAsync(Pool("first", "192.0.2.0/28"))).ExitCode);
        CommandResult? refused = null;
        // The webhook decides by its picture, which follows the API server by a moment.
        await cluster.UntilAsync("the overlapping pool is refused", async () =>
        {
            refused = await cluster.Kubectl.RunWithInputAsync(Pool("second", "192.0.2.8/29"), "create", "--dry-run=server", "-f", "-");
            return refused.ExitCode != 0;
        });
        var denial = "admission webhook \"ipaddresspoolvalidationwebhook.metallb.io\" denied the request";
        Assert.Contains(denial, refused!.Errors, StringComparison.Ordinal);
        Assert.Contains("192.0.2.8/29", refused.Errors, StringComparison.Ordinal);
        Assert.Contains("first", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Object_in_another_namespace_is_refused()
    {
        var elsewhere = Pool("stray", "198.51.100.0/28").Replace("metallb-system", "default", StringComparison.Ordinal);
        var refused = await cluster.ApplyAsync(elsewhere);
        Assert.Contains("is not FerroLB's namespace", refused.Errors, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Peer_is_converted_between_its_versions()
    {
        const string peer = """
            apiVersion: metallb.io/v1beta1
            kind: BGPPeer
            metadata: {name: old, namespace: metallb-system}
            spec: {myASN: 64512, peerASN: 64513, peerAddress: 10.0.0.1, nodeSelectors: [{matchLabels: {rack: a}}]}
            """;
        var applied = await cluster.ApplyAsync(peer);
        Assert.True(applied.ExitCode == 0, applied.Errors + cluster.Controller.Log);
        var newer = await cluster.GetAsync("bgppeers.v1beta2.metallb.io", "old");
        Assert.Equal("metallb.io/v1beta2", newer["apiVersion"]!.ToString());
        Assert.Equal("""{"rack":"a"}""", newer["spec"]!["nodeSelectors"]![0]!["matchLabels"]!.ToJsonString());
        Assert.Null(newer["spec"]!["holdTime"]);
        var older = await cluster.GetAsync("bgppeers.v1beta1.metallb.io", "old");
        Assert.Equal("metallb.io/v1beta1", older["apiVersion"]!.ToString());
        Assert.Equal("64513", older["spec"]!["peerASN"]!.ToString());
    }

    [Fact]
    public async Task No_admission_fails_while_the_authority_changes()
    {
        await cluster.Kubectl.OkAsync(
            "patch", "validatingwebhookconfiguration", "metallb-webhook-configuration", "--type=json", "-p",
            "[" + string.Join(',', Enumerable.Range(0, 6).Select(
                i => $$"""{"op":"replace","path":"/webhooks/{{i}}/failurePolicy","value":"Fail"}""")) + "]");
        var before = (await cluster.GetAsync("secret", "metallb-webhook-cert"))["data"]!["ca.crt"]!.ToString();
        using var stop = new CancellationTokenSource();
        var failures = new ConcurrentQueue<string>();
        var admitted = 0;
        var users = Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            using var client = cluster.Server.Client();
            while (!stop.IsCancellationRequested)
            {
                if (await CreateCommunityAsync(client, i) is { } failure)
                    failures.Enqueue(failure);
                else
                    Interlocked.Increment(ref admitted);
            }
        })).ToList();
        await cluster.UntilAsync("admissions are under way", () => Task.FromResult(admitted > 100));
        await cluster.Kubectl.OkAsync("delete", "secret", "metallb-webhook-cert", "-n", ControllerProcess.Namespace);
        await cluster.UntilAsync("the new authority is served", () => Task.FromResult(
            cluster.Controller.Log.Split("webhook serves with a certificate").Length > 2));
        var atExchange = admitted;
        await cluster.UntilAsync("admissions go on", () => Task.FromResult(admitted > atExchange + 200));
        await stop.CancelAsync();
        await Task.WhenAll(users);
        Assert.Empty(failures);
        Assert.NotEqual(before, (await cluster.GetAsync("secret", "metallb-webhook-cert"))["data"]!["ca.crt"]!.ToString());
        TestContext.Current.TestOutputHelper?.WriteLine($"{admitted} admissions, none failed");
        await cluster.Kubectl.OkAsync("apply", "-f", Path.Combine(Shell.Root, "deploy/controller"));
        Assert.DoesNotContain("PRIVATE KEY", cluster.Controller.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Object_stored_while_the_webhook_is_away_is_reported_later()
    {
        Assert.Equal(0, (await cluster.ApplyAsync(Pool("third", "203.0.113.0/28"))).ExitCode);
        await cluster.Controller.KillAsync();
        Assert.Equal(0, (await cluster.ApplyAsync(Pool("zz-overlap", "203.0.113.8/29"))).ExitCode);
        await cluster.StartControllerAsync();
        try
        {
            await cluster.UntilAsync("the ConfigurationState names the pool", async () =>
            {
                var state = await cluster.Kubectl.RunAsync("get", "configurationstates", "-n", ControllerProcess.Namespace, "-o", "json");
                return state.Output.Contains("zz-overlap", StringComparison.Ordinal);
            });
        }
        finally
        {
            await cluster.Kubectl.OkAsync("delete", "ipaddresspool", "zz-overlap", "-n", ControllerProcess.Namespace);
        }
        Assert.DoesNotContain("is forbidden", cluster.Controller.Log, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Metrics_are_for_those_whom_a_role_allows_it_and_promtool_is_content()
    {
        await cluster.Kubectl.OkAsync("create", "serviceaccount", "prometheus", "-n", ControllerProcess.Namespace);
        var token = await ControllerProcess.TokenAsync(cluster.Server, "prometheus");
        Assert.Equal(HttpStatusCode.Unauthorized, (await ScrapeAsync(null)).Status);
        Assert.Equal(HttpStatusCode.Unauthorized, (await ScrapeAsync("a.b.c")).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await ScrapeAsync(token)).Status);
        await cluster.Kubectl.OkAsync(
            "create", "clusterrolebinding", "prometheus", "--clusterrole=metallb-system:metrics-reader",
            $"--serviceaccount={ControllerProcess.Namespace}:prometheus");
        await cluster.UntilAsync("the role counts", async () => (await ScrapeAsync(token)).Status == HttpStatusCode.OK);
        var text = (await ScrapeAsync(token)).Text;
        Assert.Contains("metallb_k8s_client_config_loaded_bool 1", text, StringComparison.Ordinal);
        CommandResult check = await CommandResult.RunAsync("promtool", ["check", "metrics"], cluster.Server.Environment, text);
        // MetalLB's names, which dashboards know, break one custom of names; there is nothing else to say.
        var complaints = (check.Output + check.Errors).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.DoesNotContain(complaints, line => !IsCustomOfNames(line));
        Assert.InRange(check.ExitCode, 0, complaints.Length == 0 ? 0 : 3);
    }

    [Fact]
    public async Task Tools_see_TLS_1_3_alone_and_the_certificate_for_the_service()
    {
        var address = $"127.0.0.1:{cluster.Controller.WebhookPort}";
        var shown = await CommandResult.RunAsync(
            "openssl", ["s_client", "-connect", address, "-servername", "x", "-showcerts"], cluster.Server.Environment);
        Assert.Contains("CN = metallb-webhook-service.metallb-system.svc", shown.Output, StringComparison.Ordinal);
        Assert.Contains("O = metallb, CN = cert", shown.Output, StringComparison.Ordinal);
        Assert.Contains("TLSv1.3", shown.Output, StringComparison.Ordinal);
        var old = await CommandResult.RunAsync("openssl", ["s_client", "-connect", address, "-tls1_2"], cluster.Server.Environment);
        Assert.NotEqual(0, old.ExitCode);
        var curl = await CommandResult.RunAsync(
            "curl", ["-sk", "-X", "POST", "-d", "{}", $"https://{address}/nowhere"], cluster.Server.Environment);
        Assert.Equal("No webhook is served at /nowhere.\n", curl.Output);
    }

    private static bool IsCustomOfNames(string complaint) =>
        complaint.StartsWith("metallb_allocator_", StringComparison.Ordinal) &&
        complaint.EndsWith("non-counter metrics should not have \"_total\" suffix", StringComparison.Ordinal);

    private async Task<(HttpStatusCode Status, string Text)> ScrapeAsync(string? token)
    {
        using var client = CarelessClient();
        client.DefaultRequestHeaders.Authorization = token is null ? null : new AuthenticationHeaderValue("Bearer", token);
        using var answer = await client.GetAsync(new Uri($"https://127.0.0.1:{cluster.Controller.MetricsPort}/metrics"));
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
    }

    /// <summary>Asks for a creation that is admitted and then not done; null when it succeeds.</summary>
    private static async Task<string?> CreateCommunityAsync(HttpClient client, int number)
    {
        using var content = new StringContent(
            $$"""
            {"apiVersion":"metallb.io/v1beta1","kind":"Community","metadata":{"name":"c{{number}}","namespace":"metallb-system"},
            "spec":{"communities":[{"name":"a{{number}}","value":"64512:{{number}}"}]} }
            """,
            Encoding.UTF8, "application/json");
        using var answer = await client.PostAsync("apis/metallb.io/v1beta1/namespaces/metallb-system/communities?dryRun=All", content);
        return answer.IsSuccessStatusCode ? null : await answer.Content.ReadAsStringAsync();
    }
}

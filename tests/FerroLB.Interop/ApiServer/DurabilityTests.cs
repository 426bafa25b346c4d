using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net;
using System.Net.Http;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>The data file against kills and torn ends.</summary>
public sealed class DurabilityTests
{
    private const string ConfigMaps = "api/v1/namespaces/default/configmaps";

    [Fact]
    public async Task Nothing_acknowledged_is_lost_by_kills_at_any_instant()
    {
        await using var server = new ServerProcess();
        var random = new SeededRandom(20_240_501);
        var acknowledged = new List<string>();
        await server.StartAsync();
        int port = server.Port;
        for (int round = 0; round < 20; round++)
        {
            Task<List<string>> writing = WriteUntilCutAsync(server, round, 4);
            await Task.Delay(TimeSpan.FromMilliseconds(5 + random.Next(150)), TestContext.Current.CancellationToken);
            await server.KillAsync();
            acknowledged.AddRange(await writing);
            await server.StartAsync(port);
            HashSet<string> present = await NamesAsync(server);
            Assert.DoesNotContain(acknowledged, name => !present.Contains(name));
        }
        Assert.True(acknowledged.Count > 20, $"only {acknowledged.Count} writes were acknowledged");
    }

    [Fact]
    public async Task Torn_end_of_the_file_is_cut_off_with_a_log_line()
    {
        await using var server = new ServerProcess();
        var random = new SeededRandom(7);
        await server.StartAsync();
        for (int index = 0; index < 20; index++)
            await CreateAsync(server, $"kept-{index:D2}");
        for (int round = 0; round < 5; round++)
        {
            HashSet<string> before = await NamesAsync(server);
            await server.KillAsync();
            long length = new FileInfo(server.DataFile).Length;
            Truncate(server.DataFile, length - 1 - random.Next(300));
            await server.StartAsync();
            HashSet<string> after = await NamesAsync(server);
            Assert.Subset(before, after);
            Assert.Equal(before.Where(IsKept).Order().Take(after.Count(IsKept)), after.Where(IsKept).Order());
            Assert.True(after.Count(IsKept) > 10, "a torn end took more than its last records");
            await CreateAsync(server, $"round-{round}");
        }
        await server.KillAsync();
        await File.AppendAllTextAsync(server.DataFile, "torn", TestContext.Current.CancellationToken);
        await server.StartAsync();
        Assert.Contains("torn by a crash; cut off 4 bytes", server.Log);
    }

    [Fact]
    public async Task Restarted_server_is_the_same_for_its_clients()
    {
        await using var server = new ServerProcess();
        await server.StartAsync();
        int port = server.Port;
        using HttpClient client = server.Client();
        await CreateAsync(server, "before");
        string kubeConfig = await File.ReadAllTextAsync(server.KubeConfig, TestContext.Current.CancellationToken);
        Assert.Equal(0, await server.TerminateAsync());
        await server.StartAsync(port);
        Assert.Equal(kubeConfig, await File.ReadAllTextAsync(server.KubeConfig, TestContext.Current.CancellationToken));
        using HttpResponseMessage response = await client.GetAsync(ConfigMaps + "/before", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private static bool IsKept(string name) => name.StartsWith("kept", StringComparison.Ordinal);

    /// <summary>Writes from several connections at once until the server dies; the names that were acknowledged.</summary>
    private static async Task<List<string>> WriteUntilCutAsync(ServerProcess server, int round, int writers)
    {
        using HttpClient client = server.Client();
        IEnumerable<Task<List<string>>> tasks = Enumerable.Range(0, writers)
            .Select(writer => WriteUntilCutAsync(client, $"{round}-{writer}"));
        List<string>[] parts = await Task.WhenAll(tasks);
        return [.. parts.SelectMany(part => part)];
    }

    private static async Task<List<string>> WriteUntilCutAsync(HttpClient client, string prefix)
    {
        var acknowledged = new List<string>();
        try
        {
            for (int index = 0; ; index++)
            {
                string name = $"w-{prefix}-{index}";
                using HttpResponseMessage response = await client.PostAsync(ConfigMaps, Body(name));
                if (response.StatusCode == HttpStatusCode.Created)
                    acknowledged.Add(name);
            }
        }
        catch (Exception cut) when (cut is HttpRequestException or IOException or OperationCanceledException)
        {
            return acknowledged;
        }
    }

    private static async Task CreateAsync(ServerProcess server, string name)
    {
        using HttpClient client = server.Client();
        using HttpResponseMessage response = await client.PostAsync(ConfigMaps, Body(name), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    private static StringContent Body(string name)
    {
        string body = $$"""{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{name}}"},"data":{"key":"value"} }""";
        return new StringContent(body, Encoding.UTF8, "application/json");
    }

    private static async Task<HashSet<string>> NamesAsync(ServerProcess server)
    {
        using HttpClient client = server.Client();
        JsonNode list = JsonNode.Parse(await client.GetStringAsync(ConfigMaps, TestContext.Current.CancellationToken))!;
        return [.. list["items"]!.AsArray().Select(item => item!["metadata"]!["name"]!.ToString())];
    }

    private static void Truncate(string path, long length)
    {
        using FileStream stream = File.OpenWrite(path);
        stream.SetLength(Math.Max(0, length));
    }
}

using System;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using System.Net.Http;
using System.Text;
using System.Threading;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>
/// One server for a class of tests, with the project's CustomResourceDefinitions; each test works in a namespace of its own.
/// </summary>
public sealed class ServerFixture : IAsyncLifetime
{
    private int _namespaces;

    internal ServerProcess Server { get; } = new();

    public async ValueTask InitializeAsync()
    {
        await Server.StartAsync();
        // Debian's version, because a newer one is not on every machine.
        Kubectl kubectl = await Kubectl.FindAsync("1.20", Server);
        await kubectl.OkAsync("apply", "--server-side", "-f", Path.Combine(Shell.Root, "deploy/crds"));
        await kubectl.OkAsync("wait", "--for=condition=Established", "--timeout=30s", "crd", "--all");
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    /// <summary>Makes a namespace that no other test uses.</summary>
    internal async Task<string> NamespaceAsync()
    {
        string name = $"test-{Interlocked.Increment(ref _namespaces)}";
        using HttpClient client = Server.Client();
        using var content = new StringContent(
            $$"""{"apiVersion":"v1","kind":"Namespace","metadata":{"name":"{{name}}"} }""", Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.PostAsync("api/v1/namespaces", content);
        Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        return name;
    }

    /// <summary>A namespace, and a kubectl of a version.</summary>
    internal async Task<(Kubectl Kubectl, string Namespace)> StartAsync(string version) =>
        (await Kubectl.FindAsync(version, Server), await NamespaceAsync());

    /// <summary>Lines of a table, cells separated by single spaces.</summary>
    internal static IReadOnlyList<string> Rows(string table) =>
        [.. table.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries)))];
}

using System;
using System.Net;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>What only plain HTTP shows.</summary>
public sealed class HttpTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    [Fact]
    public async Task Without_the_token_only_health_and_version_are_told()
    {
        using HttpClient client = fixture.Server.Client(withToken: false);
        Assert.Equal("ok", await client.GetStringAsync("healthz", TestContext.Current.CancellationToken));
        Assert.Equal("ok", await client.GetStringAsync("readyz", TestContext.Current.CancellationToken));
        Assert.Contains("v1.34.0+ferrolb", await client.GetStringAsync("version", TestContext.Current.CancellationToken));
        await ExpectAsync(client, HttpMethod.Get, "api/v1/services", 401, "Unauthorized");
        await ExpectAsync(client, HttpMethod.Get, "openapi/v2", 401, "Unauthorized");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "wrong");
        await ExpectAsync(client, HttpMethod.Get, "apis", 401, "Unauthorized");
    }

    [Fact]
    public async Task Wrong_requests_are_told_as_Status_objects()
    {
        using HttpClient client = fixture.Server.Client();
        await ExpectAsync(client, HttpMethod.Get, "api/v1/cows", 404, "NotFound");
        await ExpectAsync(client, HttpMethod.Get, "apis/none.io/v1/cows", 404, "NotFound");
        await ExpectAsync(client, HttpMethod.Get, "nowhere", 404, "NotFound");
        await ExpectAsync(client, HttpMethod.Put, "api/v1/namespaces", 405, "MethodNotAllowed");
        await ExpectAsync(client, HttpMethod.Post, "apis", 405, "MethodNotAllowed");
        await ExpectAsync(client, HttpMethod.Post, "api/v1/namespaces", 415, "UnsupportedMediaType", new StringContent("x"));
        await ExpectAsync(client, HttpMethod.Post, "api/v1/namespaces", 400, "BadRequest", Json("{"));
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        await ExpectAsync(client, HttpMethod.Get, "api/v1/namespaces", 406, "NotAcceptable");
    }

    [Fact]
    public async Task Both_versions_of_HTTP_are_spoken()
    {
        using HttpClient client = fixture.Server.Client();
        foreach (Version version in new[] { HttpVersion.Version11, HttpVersion.Version20 })
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/namespaces/default")
            {
                Version = version,
                VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            };
            using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        }
    }

    [Fact]
    public async Task Yaml_bodies_are_taken()
    {
        using HttpClient client = fixture.Server.Client();
        string ns = await fixture.NamespaceAsync();
        const string Body = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: yaml}\ndata:\n  number: \"1\"\n";
        using var content = new StringContent(Body, Encoding.UTF8, "application/yaml");
        using HttpResponseMessage response =
            await client.PostAsync($"api/v1/namespaces/{ns}/configmaps", content, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
    }

    [Fact]
    public async Task Metadata_alone_is_served_on_request()
    {
        using HttpClient client = fixture.Server.Client();
        client.DefaultRequestHeaders.Add("Accept", "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1");
        JsonNode list = JsonNode.Parse(await client.GetStringAsync("api/v1/namespaces", TestContext.Current.CancellationToken))!;
        Assert.Equal("PartialObjectMetadataList", list["kind"]!.ToString());
        Assert.Null(list["items"]![0]!["spec"]);
        Assert.NotNull(list["items"]![0]!["metadata"]!["name"]);
    }

    private static StringContent Json(string body) => new(body, Encoding.UTF8, "application/json");

    private static async Task ExpectAsync(
        HttpClient client, HttpMethod method, string path, int code, string reason, HttpContent? content = null)
    {
        using var request = new HttpRequestMessage(method, path) { Content = content };
        using HttpResponseMessage response = await client.SendAsync(request, TestContext.Current.CancellationToken);
        string body = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(code == (int)response.StatusCode, $"{method} {path}: {response.StatusCode}, {body}");
        JsonNode status = JsonNode.Parse(body)!;
        Assert.Equal(("Status", "Failure", reason, code),
            (status["kind"]!.ToString(), status["status"]!.ToString(), status["reason"]!.ToString(), status["code"]!.GetValue<int>()));
    }
}

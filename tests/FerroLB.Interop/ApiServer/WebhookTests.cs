using System;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>Admission and conversion webhooks over real TLS, seen with kubectl.</summary>
public sealed class WebhookTests : IAsyncLifetime
{
    private const string ServiceName = "hook.system.svc";
    private readonly ServerProcess _server = new();
    private WebhookServer _webhook = null!;
    private Func<string, JsonNode, JsonNode?> _answer = (_, review) => Reviewed(review, true);
    private Kubectl _kubectl = null!;

    public async ValueTask InitializeAsync()
    {
        _webhook = new WebhookServer(ServiceName, (path, review) => _answer(path, review));
        _server.MoreArguments = ["--service-address", $"system/hook:8443=127.0.0.1:{_webhook.Port}", "--service-address",
            "system/gone=127.0.0.1:1"];
        await _server.StartAsync();
        _kubectl = await Kubectl.FindAsync("1.20", _server);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _webhook.DisposeAsync();
    }

    [Fact]
    public async Task Refusal_and_warning_reach_the_user_of_kubectl()
    {
        await ConfigureAsync(Service("hook", 8443));
        string[] create = ["create", "configmap", "a"];
        CommandResult allowed = await _kubectl.RunAsync(create);
        Assert.Equal("Warning: mind the gap\n", allowed.Errors);
        Assert.StartsWith("POST /check?timeout=2s HTTP/1.1", Assert.Single(_webhook.Requests));
        _answer = (_, review) => Reviewed(review, false);
        Assert.Equal(
            "Warning: mind the gap\n" +
            "Error from server (NotNow): admission webhook \"check.example.io\" denied the request: ask tomorrow",
            Sorted(await _kubectl.FailsWithInputAsync("", "delete", "configmap", "a")));
        Assert.Equal("configmap/a", await _kubectl.OkAsync("get", "configmap", "a", "-o", "name"));
        string table = await _kubectl.OkAsync("get", "validatingwebhookconfigurations", "test", "--no-headers");
        Assert.Matches("^test +1 +", table);
    }

    [Fact]
    public async Task Webhook_that_does_not_answer_in_time_fails_the_request()
    {
        await ConfigureAsync(Service("hook", 8443));
        _answer = (_, _) => null;
        Assert.Equal("Error from server (InternalError): Internal error occurred: failed calling webhook \"check.example.io\": failed to " +
            "call webhook: Post \"https://hook.system.svc:8443/check?timeout=2s\": context deadline exceeded",
            await _kubectl.FailsWithInputAsync("", "create", "configmap", "a"));
    }

    [Fact]
    public async Task Url_is_called_too_and_nobody_there_is_told()
    {
        await ConfigureAsync($$"""{"url":"https://127.0.0.1:{{_webhook.Port}}/there","caBundle":"{{_webhook.CaBundle}}"}""");
        await _kubectl.OkAsync("create", "configmap", "a");
        Assert.StartsWith("POST /there?timeout=2s HTTP/1.1", Assert.Single(_webhook.Requests));
        await ConfigureAsync(Service("gone", 443));
        Assert.EndsWith("Post \"https://gone.system.svc:443/check?timeout=2s\": dial tcp 127.0.0.1:1: connect: connection refused",
            await _kubectl.FailsWithInputAsync("", "create", "configmap", "b"));
        await ConfigureAsync(Service("unknown", 443));
        Assert.Contains("--service-address system/unknown=HOST:PORT", await _kubectl.FailsWithInputAsync("", "create", "configmap", "b"));
    }

    [Fact]
    public async Task Certificate_of_another_authority_or_name_is_not_trusted()
    {
        await using var other = new WebhookServer("other.system.svc", (_, review) => Reviewed(review, true));
        await ConfigureAsync(
            $$"""{"service":{"namespace":"system","name":"hook","port":8443,"path":"/check"},"caBundle":"{{other.CaBundle}}"}""");
        Assert.Contains("tls: failed to verify certificate", await _kubectl.FailsWithInputAsync("", "create", "configmap", "a"));
        await ConfigureAsync($$"""{"url":"https://localhost:{{other.Port}}/","caBundle":"{{other.CaBundle}}"}""");
        Assert.Contains("tls: failed to verify certificate", await _kubectl.FailsWithInputAsync("", "create", "configmap", "a"));
        Assert.Empty(_webhook.Requests);
        Assert.Empty(other.Requests);
    }

    [Fact]
    public async Task Other_version_of_a_custom_resource_is_converted_by_its_webhook()
    {
        _answer = (_, review) => Converted(review);
        await _kubectl.OkWithInputAsync(Definition(), "create", "-f", "-");
        const string Thing = """{"apiVersion":"example.io/v2","kind":"Thing","metadata":{"name":"a"},"spec":{"length":3}}""";
        await _kubectl.OkWithInputAsync(Thing, "apply", "-f", "-");
        Assert.Equal("3", await _kubectl.OkAsync("get", "things.v1.example.io", "a", "-o", "jsonpath={.spec.size}"));
        await _kubectl.OkAsync("patch", "things.v1.example.io", "a", "--type", "merge", "-p", """{"spec":{"size":44}}""");
        Assert.Equal("44", await _kubectl.OkAsync("get", "things.v2.example.io", "a", "-o", "jsonpath={.spec.length}"));
        using WatchingKubectl watching = _kubectl.Watch("get", "things.v1.example.io", "-w", "-o", "jsonpath={.spec.size}{'\\n'}");
        await watching.ExpectAsync("44");
        await _kubectl.OkAsync("patch", "things.v2.example.io", "a", "--type", "merge", "-p", """{"spec":{"length":55}}""");
        await watching.ExpectAsync("55");
        _answer = (_, review) => null;
        await _kubectl.OkAsync("patch", "things.v2.example.io", "a", "--type", "merge", "-p", """{"spec":{"length":6}}""");
        Assert.Equal("6", await _kubectl.OkAsync("get", "things.v2.example.io", "a", "-o", "jsonpath={.spec.length}"));
    }

    private async Task ConfigureAsync(string clientConfig) => await _kubectl.OkWithInputAsync(
        $$"""
        {"apiVersion":"admissionregistration.k8s.io/v1","kind":"ValidatingWebhookConfiguration","metadata":{"name":"test"},"webhooks":[
         {"name":"check.example.io","clientConfig":{{clientConfig}},"sideEffects":"None","admissionReviewVersions":["v1"],
          "timeoutSeconds":2,"rules":[{"operations":["*"],"apiGroups":[""],"apiVersions":["v1"],"resources":["configmaps"]}]}]}
        """, "apply", "-f", "-");

    private string Service(string name, int port) =>
        $$"""{"service":{"namespace":"system","name":"{{name}}","port":{{port}},"path":"/check"},"caBundle":"{{_webhook.CaBundle}}"}""";

    private string Definition() =>
        """
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"things.example.io"},
         "spec":{"group":"example.io","scope":"Namespaced","names":{"plural":"things","kind":"Thing"},
         "conversion":{"strategy":"Webhook","webhook":{"conversionReviewVersions":["v1"],"clientConfig":CLIENT}},
         "versions":[
          {"name":"v1","served":true,"storage":false,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
           "properties":{"size":{"type":"integer"}}}}}}},
          {"name":"v2","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"object",
           "properties":{"length":{"type":"integer"}}}}}}}]}}
        """.Replace("CLIENT", Service("hook", 8443), StringComparison.Ordinal);

    private static JsonObject Reviewed(JsonNode review, bool allowed) => new()
    {
        ["apiVersion"] = review["apiVersion"]!.DeepClone(),
        ["kind"] = "AdmissionReview",
        ["response"] = new JsonObject
        {
            ["uid"] = review["request"]!["uid"]!.DeepClone(),
            ["allowed"] = allowed,
            ["warnings"] = new JsonArray("mind the gap"),
            ["status"] = new JsonObject { ["code"] = 403, ["reason"] = "NotNow", ["message"] = "ask tomorrow" },
        },
    };

    private static JsonObject Converted(JsonNode review)
    {
        string desired = (string)review["request"]!["desiredAPIVersion"]!;
        (string from, string to) = desired == "example.io/v1" ? ("length", "size") : ("size", "length");
        var converted = new JsonArray();
        foreach (JsonNode? source in review["request"]!["objects"]!.AsArray())
        {
            JsonObject copy = source!.DeepClone().AsObject();
            copy["apiVersion"] = desired;
            copy["spec"] = new JsonObject { [to] = copy["spec"]![from]!.DeepClone() };
            converted.Add((JsonNode)copy);
        }
        return new JsonObject
        {
            ["apiVersion"] = review["apiVersion"]!.DeepClone(),
            ["kind"] = "ConversionReview",
            ["response"] = new JsonObject
            {
                ["uid"] = review["request"]!["uid"]!.DeepClone(),
                ["convertedObjects"] = converted,
                ["result"] = new JsonObject { ["status"] = "Success" },
            },
        };
    }

    private static string Sorted(string lines)
    {
        string[] all = lines.Split('\n');
        Array.Sort(all, (left, right) => StringComparer.Ordinal.Compare(right, left));
        return string.Join('\n', all);
    }
}

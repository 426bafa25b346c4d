using System.IO;
using System.Net.Http;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>Several users, their tokens and what RBAC lets them do, seen with kubectl.</summary>
public sealed class AccessTests : IAsyncLifetime
{
    private readonly ServerProcess _server = new();
    private string _old = "";

    public async ValueTask InitializeAsync()
    {
        string tokens = Path.Combine(_server.Home, "tokens.csv");
        await File.WriteAllTextAsync(tokens, "anns-token,ann,uid-1,\"crew,readers\"\nbobs-token,bob,uid-2\n");
        _server.MoreArguments = ["--token-auth-file", tokens, "--authorization-mode", "RBAC"];
        await _server.StartAsync();
        Kubectl kubectl = await Kubectl.FindAsync("1.20", _server);
        await kubectl.OkAsync("create", "clusterrole", "reader", "--verb=get,list,watch", "--resource=services,pods");
        await kubectl.OkAsync("create", "clusterrolebinding", "readers", "--clusterrole=reader", "--group=readers");
        await kubectl.OkAsync("create", "rolebinding", "editor", "-n", "default", "--clusterrole=cluster-admin", "--user=bob");
        _old = "1.20";
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Auth_can_i_answers_for_each_user(string version)
    {
        Kubectl kubectl = await Kubectl.FindAsync(version, _server);
        Assert.Equal("yes", await kubectl.OkAsync("auth", "can-i", "list", "services", "--token", "anns-token"));
        Assert.Equal("no", (await kubectl.RunAsync("auth", "can-i", "delete", "services", "--token", "anns-token")).Output.TrimEnd());
        Assert.Equal("yes", await kubectl.OkAsync("auth", "can-i", "delete", "services", "-n", "default", "--token", "bobs-token"));
        Assert.Equal("no", (await kubectl.RunAsync("auth", "can-i", "delete", "services", "-n", "kube-system", "--token", "bobs-token"))
            .Output.TrimEnd());
        Assert.Equal("yes", await kubectl.OkAsync("auth", "can-i", "*", "*"));
        Assert.Contains("services", await kubectl.OkAsync("auth", "can-i", "--list", "--token", "anns-token"));
    }

    [Fact]
    public async Task Forbidden_request_is_told_in_Kubernetes_words()
    {
        Kubectl kubectl = await Kubectl.FindAsync(_old, _server);
        Assert.Contains("kubernetes", await kubectl.OkAsync("get", "services", "--token", "anns-token"));
        Assert.Equal("Error from server (Forbidden): secrets is forbidden: User \"ann\" cannot list resource \"secrets\" in API " +
            "group \"\" in the namespace \"default\"", await kubectl.FailsWithInputAsync("", "get", "secrets", "--token", "anns-token"));
        Assert.Contains("You must be logged in", await kubectl.FailsWithInputAsync("", "get", "services", "--token", "nobodys"));
    }

    [Fact]
    public async Task Token_of_a_service_account_works_until_the_account_goes()
    {
        Kubectl kubectl = await Kubectl.FindAsync(_old, _server);
        await kubectl.OkAsync("create", "serviceaccount", "robot");
        await kubectl.OkAsync("create", "clusterrolebinding", "robot", "--clusterrole=reader", "--serviceaccount=default:robot");
        JsonNode request = await PostAsync("api/v1/namespaces/default/serviceaccounts/robot/token",
            """{"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{"expirationSeconds":3600}}""", 201);
        string token = (string)request["status"]!["token"]!;
        Assert.Contains("kubernetes", await kubectl.OkAsync("get", "services", "--token", token));
        Assert.Contains("User \"system:serviceaccount:default:robot\" cannot create",
            await kubectl.FailsWithInputAsync("", "create", "configmap", "a", "--token", token));
        JsonNode user = (await ReviewAsync(token))["status"]!["user"]!;
        Assert.Equal("system:serviceaccount:default:robot", (string?)user["username"]);
        Assert.Equal("""["system:serviceaccounts","system:serviceaccounts:default","system:authenticated"]""",
            user["groups"]!.ToJsonString());
        await kubectl.OkAsync("delete", "serviceaccount", "robot");
        Assert.Contains("You must be logged in", await kubectl.FailsWithInputAsync("", "get", "services", "--token", token));
        Assert.Null((await ReviewAsync(token))["status"]!["authenticated"]);
    }

    [Fact]
    public async Task Token_review_names_the_user_or_says_that_the_token_is_bad()
    {
        JsonNode good = (await ReviewAsync("anns-token"))["status"]!;
        Assert.True((bool)good["authenticated"]!);
        Assert.Equal("""{"username":"ann","uid":"uid-1","groups":["crew","readers","system:authenticated"]}""",
            good["user"]!.ToJsonString());
        JsonNode bad = (await ReviewAsync("a.b.c"))["status"]!;
        Assert.Equal("invalid bearer token", (string?)bad["error"]);
        using HttpClient client = _server.Client(withToken: false);
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "anns-token");
        using HttpResponseMessage forbidden = await client.GetAsync("logs", TestContext.Current.CancellationToken);
        Assert.Equal("forbidden: User \"ann\" cannot get path \"/logs\"",
            (string?)JsonNode.Parse(await forbidden.Content.ReadAsStringAsync(TestContext.Current.CancellationToken))!["message"]);
    }

    [Fact]
    public async Task Newer_kubectl_mints_tokens_and_asks_who_it_is()
    {
        Kubectl kubectl = await Kubectl.FindAsync("newest", _server);
        await kubectl.OkAsync("create", "serviceaccount", "minted");
        string token = await kubectl.OkAsync("create", "token", "minted", "--duration", "20m");
        Assert.Equal(3, token.Split('.').Length);
        string who = await kubectl.OkAsync("auth", "whoami", "--token", token);
        Assert.Contains("system:serviceaccount:default:minted", who);
    }

    private Task<JsonNode> ReviewAsync(string token) => PostAsync("apis/authentication.k8s.io/v1/tokenreviews",
        $$$"""{"apiVersion":"authentication.k8s.io/v1","kind":"TokenReview","spec":{"token":"{{{token}}}"}}""", 201);

    private async Task<JsonNode> PostAsync(string path, string body, int code)
    {
        using HttpClient client = _server.Client();
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        using HttpResponseMessage response = await client.PostAsync(path, content, TestContext.Current.CancellationToken);
        string answer = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True((int)response.StatusCode == code, answer);
        return JsonNode.Parse(answer)!;
    }
}

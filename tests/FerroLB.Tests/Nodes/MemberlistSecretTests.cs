using System;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>The leader makes the speakers' Secret if there is none, and never touches one that is there.</summary>
public sealed class MemberlistSecretTests
{
    private const string Key = "AbCdEfGhIjKlMnOpQrStUv";
    private readonly ScriptedApi _api = new();

    [Fact]
    public void Absent_secret_is_made_and_owned_by_the_deployment()
    {
        _api.Put(KubeResource.Deployments, """{"metadata":{"name":"controller","namespace":"metallb-system"}}""");
        var (node, harness) = Start("controller");
        var secret = Secret!;
        Assert.Equal(Key, Encoding.ASCII.GetString(Convert.FromBase64String(secret["data"]!["secretkey"]!.ToString())));
        var owner = Assert.Single(secret["metadata"]!["ownerReferences"]!.AsArray())!;
        var uid = _api.Find(KubeResource.Deployments, "metallb-system", "controller")!["metadata"]!["uid"]!.ToString();
        var told = string.Join(' ', new[] { "apiVersion", "kind", "name", "uid" }.Select(field => owner[field]!.ToString()));
        Assert.Equal($"apps/v1 Deployment controller {uid}", told);
        Assert.Equal("", node.Snapshot.MemberlistProblem);
        Assert.Equal(1, harness.CountLogs("created the memberlist secret"));
    }

    [Fact]
    public void Without_the_name_of_a_deployment_it_has_no_owner()
    {
        Start("");
        Assert.Null(Secret!["metadata"]!["ownerReferences"]);
    }

    [Fact]
    public void Present_secret_is_left_alone_whatever_it_holds()
    {
        _api.Put(KubeResource.Secrets, """{"metadata":{"name":"memberlist","namespace":"metallb-system"},"data":{"other":"eA=="}}""");
        Start("controller");
        Assert.Null(Secret!["data"]!["secretkey"]);
        Assert.DoesNotContain(_api.Requests, request => request.Resource == KubeResource.Secrets && request.Verb != KubeVerb.Get);
    }

    [Fact]
    public void Failure_is_told_once_and_tried_again()
    {
        var (node, harness) = Start("controller");
        Assert.Null(Secret);
        Assert.Contains("Deployment \"metallb-system/controller\"", node.Snapshot.MemberlistProblem, StringComparison.Ordinal);
        harness.Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(1, harness.Logs.Count(line => line.Level == LogLevel.Error));
        _api.Put(KubeResource.Deployments, """{"metadata":{"name":"controller","namespace":"metallb-system"}}""");
        harness.Pass(TimeSpan.FromMinutes(2));
        Assert.NotNull(Secret);
        Assert.Equal("", node.Snapshot.MemberlistProblem);
    }

    [Fact]
    public void Request_without_an_answer_is_given_up_and_sent_again()
    {
        _api.Delay = request => request.Resource == KubeResource.Secrets;
        var (_, harness) = Start("");
        _api.Delay = null;
        harness.Pass(TimeSpan.FromMinutes(2));
        Assert.NotNull(Secret);
    }

    [Fact]
    public void Secret_made_by_another_in_between_is_kept()
    {
        _api.Fault = request =>
        {
            if (request is not { Verb: KubeVerb.Create } || request.Resource != KubeResource.Secrets)
                return null;
            _api.Fault = null;
            const string theirs = """{"metadata":{"name":"memberlist","namespace":"metallb-system"},"data":{"secretkey":"eA=="}}""";
            _api.Put(KubeResource.Secrets, theirs);
            return null;
        };
        var (node, harness) = Start("");
        Assert.Equal("eA==", Secret!["data"]!["secretkey"]!.ToString());
        Assert.Equal("", node.Snapshot.MemberlistProblem);
        Assert.Equal(0, harness.CountLogs("created the memberlist secret"));
    }

    [Fact]
    public void Key_is_in_no_log_and_no_snapshot()
    {
        var (node, harness) = Start("");
        Assert.DoesNotContain(Key, new MemberlistOptions("memberlist", "", new SecretText(Key)).ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(Key, node.Snapshot.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain(harness.Logs.SelectMany(line => line.Fields), field => field.Value.Contains(Key, StringComparison.Ordinal));
    }

    private JsonObject? Secret => _api.Find(KubeResource.Secrets, "metallb-system", "memberlist");

    private (ControllerNode Node, NodeHarness Harness) Start(string deployment)
    {
        var memberlist = new MemberlistOptions("memberlist", deployment, new SecretText(Key));
        var node = new ControllerNode(new ControllerOptions { Namespace = "metallb-system", Memberlist = memberlist }, 1);
        return (node, new NodeHarness(node, _api).Start());
    }
}

using System;
using System.Linq;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>Every replica answers the API server's calls from what it pictures.</summary>
public sealed class ControllerReviewTests
{
    private readonly ControllerWorld _world = new ControllerWorld().Pool("first", "192.0.2.0/28");

    [Fact]
    public void Review_is_judged_by_what_exists()
    {
        _world.Start();
        Assert.Equal((200, false), Review(_world.Harness, "second", "192.0.2.8/29"));
        Assert.Equal((200, true), Review(_world.Harness, "second", "192.0.2.16/29"));
    }

    [Fact]
    public void Review_before_everything_was_read_is_put_off_so_that_the_failure_policy_decides()
    {
        _world.Api.Fault = request => request.Verb == KubeVerb.List ? new(request.Id, 503, default) : null;
        _world.Start();
        Assert.Equal((503, false), Review(_world.Harness, "second", "192.0.2.8/29"));
        _world.Api.Fault = null;
        _world.Harness.Pass(TimeSpan.FromMinutes(1));
        Assert.Equal((200, false), Review(_world.Harness, "second", "192.0.2.8/29"));
    }

    [Fact]
    public void Controller_for_webhooks_only_answers_and_writes_nothing()
    {
        var api = _world.Service("web").Api;
        var node = new ControllerNode(new ControllerOptions { Namespace = ControllerWorld.System, IsWebhookOnly = true }, 5);
        var harness = new NodeHarness(node, api).Start().Pass(TimeSpan.FromMinutes(10));
        Assert.Equal((200, false), Review(harness, "second", "192.0.2.8/29"));
        Assert.DoesNotContain(api.Requests, request => request.Verb is KubeVerb.Create or KubeVerb.Patch);
        harness.Tell(new NodeInput.ShutdownRequested()).Pass(TimeSpan.FromSeconds(5));
        Assert.True(harness.IsShutDown);
    }

    [Fact]
    public void Path_of_no_webhook_is_not_found() => Assert.Equal(404, Ask(_world.Start().Harness, "/nowhere", "{}").StatusCode);

    private static (int StatusCode, bool IsAllowed) Review(NodeHarness harness, string name, string addresses)
    {
        var body = $$"""
            {"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u1","operation":"CREATE","name":"{{name}}",
            "namespace":"{{ControllerWorld.System}}","object":{"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool",
            "metadata":{"name":"{{name}}","namespace":"{{ControllerWorld.System}}"},"spec":{"addresses":["{{addresses}}"]} } } }
            """;
        var answer = Ask(harness, "/validate-metallb-io-v1beta1-ipaddresspool", body);
        var isAllowed = answer.StatusCode == 200 && JsonNode.Parse(answer.Body.Span)!["response"]!["allowed"]!.GetValue<bool>();
        return (answer.StatusCode, isAllowed);
    }

    private static NodeOutput.AnswerReview Ask(NodeHarness harness, string path, string body)
    {
        var id = harness.Answers.Count + 1;
        harness.Tell(new NodeInput.ReviewRequested(id, path, Encoding.UTF8.GetBytes(body)));
        Assert.Equal(id, harness.Answers.Last().Id);
        return harness.Answers.Last();
    }
}

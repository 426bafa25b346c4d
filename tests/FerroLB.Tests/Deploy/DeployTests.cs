using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Admission;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Tests.Deploy;

/// <summary>The manifests in deploy/controller fit each other and the program.</summary>
public sealed class DeployTests
{
    private static readonly IReadOnlyList<YamlMappingNode> Objects = YamlFiles.ReadAll("deploy/controller");

    [Theory]
    [InlineData("ipaddresspool", "ipaddresspools", "v1beta1", "CREATE UPDATE")]
    [InlineData("l2advertisement", "l2advertisements", "v1beta1", "CREATE UPDATE")]
    [InlineData("bgpadvertisement", "bgpadvertisements", "v1beta1", "CREATE UPDATE")]
    [InlineData("bgppeer", "bgppeers", "v1beta2", "CREATE UPDATE")]
    [InlineData("community", "communities", "v1beta1", "CREATE UPDATE")]
    [InlineData("bfdprofile", "bfdprofiles", "v1beta1", "CREATE UPDATE DELETE")]
    public void Every_webhook_has_its_name_path_and_verbs(string kind, string plural, string version, string verbs)
    {
        var webhooks = ((YamlSequenceNode)Find("ValidatingWebhookConfiguration", "metallb-webhook-configuration").At("webhooks")!).Children;
        var webhook = Assert.Single(webhooks, webhook => webhook.Text("name") == $"{kind}validationwebhook.metallb.io");
        var path = webhook.Text("clientConfig/service/path");
        Assert.Equal($"/validate-metallb-io-{version}-{kind}", path);
        Assert.True(AdmissionDesk.Serves(path!));
        Assert.Equal("metallb-webhook-service metallb-system", $"{webhook.Text("clientConfig/service/name")} " +
            webhook.Text("clientConfig/service/namespace"));
        Assert.Equal("Ignore None 10", $"{webhook.Text("failurePolicy")} {webhook.Text("sideEffects")} {webhook.Text("timeoutSeconds")}");
        Assert.Equal(["v1"], webhook.Texts("admissionReviewVersions"));
        Assert.Equal(verbs.Split(' '), webhook.Texts("rules/0/operations"));
        Assert.Equal([plural], webhook.Texts("rules/0/resources"));
        Assert.Equal([version], webhook.Texts("rules/0/apiVersions"));
    }

    [Fact]
    public void Service_leads_from_443_to_the_pods_9443()
    {
        var service = Find("Service", "metallb-webhook-service");
        Assert.Equal("443 9443", $"{service.Text("spec/ports/0/port")} {service.Text("spec/ports/0/targetPort")}");
        var labels = Find("Deployment", "controller").Entries("spec/template/metadata/labels").Select(label => (label.Key, label.Value));
        Assert.All(service.Entries("spec/selector"), label => Assert.Contains((label.Key, label.Value), labels));
    }

    [Fact]
    public void Controller_runs_twice_and_under_the_restricted_standard()
    {
        var pod = Find("Deployment", "controller").At("spec/template/spec")!;
        Assert.Equal("2", Find("Deployment", "controller").Text("spec/replicas"));
        Assert.Equal("true", pod.Text("securityContext/runAsNonRoot"));
        Assert.Equal("RuntimeDefault", pod.Text("securityContext/seccompProfile/type"));
        var security = pod.At("containers/0/securityContext")!;
        Assert.Equal("false true", $"{security.Text("allowPrivilegeEscalation")} {security.Text("readOnlyRootFilesystem")}");
        Assert.Equal(["ALL"], security.Texts("capabilities/drop"));
        Assert.Null(pod.Text("hostNetwork"));
    }

    [Fact]
    public void No_rule_grants_everything_and_secrets_are_granted_by_name()
    {
        foreach (var rule in Objects.Where(item => item.Text("kind") is "Role" or "ClusterRole")
            .SelectMany(role => ((YamlSequenceNode)role.At("rules")!).Children))
        {
            Assert.DoesNotContain("*", rule.Texts("verbs").Concat(rule.Texts("resources")));
            if (rule.Texts("resources").Contains("secrets") && rule.Texts("resourceNames").Count == 0)
                Assert.Equal(["create"], rule.Texts("verbs"));
        }
    }

    private static YamlMappingNode Find(string kind, string name) =>
        Objects.Single(item => item.Text("kind") == kind && item.Text("metadata/name") == name);
}

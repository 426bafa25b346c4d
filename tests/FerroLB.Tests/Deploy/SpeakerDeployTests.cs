using System.Collections.Generic;
using System.Linq;
using Xunit;
using YamlDotNet.RepresentationModel;

namespace FerroLB.Tests.Deploy;

/// <summary>The manifests in deploy/speaker fit each other and the program.</summary>
public sealed class SpeakerDeployTests
{
    private static readonly IReadOnlyList<YamlMappingNode> Objects = YamlFiles.ReadAll("deploy/speaker");
    private static readonly YamlNode Pod = Find("DaemonSet", "speaker").At("spec/template/spec")!;

    [Fact]
    public void Speaker_runs_in_the_nodes_network_with_NET_RAW_alone()
    {
        Assert.Equal("true", Pod.Text("hostNetwork"));
        var security = Pod.At("containers/0/securityContext")!;
        Assert.Equal("false true", $"{security.Text("allowPrivilegeEscalation")} {security.Text("readOnlyRootFilesystem")}");
        Assert.Equal(["ALL"], security.Texts("capabilities/drop"));
        Assert.Equal(["NET_RAW"], security.Texts("capabilities/add"));
        Assert.Null(security.Text("privileged"));
    }

    [Fact]
    public void Speaker_has_time_to_hand_over_and_runs_on_control_planes_too()
    {
        Assert.Equal("5", Pod.Text("terminationGracePeriodSeconds"));
        Assert.Equal(
            ["node-role.kubernetes.io/master", "node-role.kubernetes.io/control-plane"],
            ((YamlSequenceNode)Pod.At("tolerations")!).Select(toleration => toleration.Text("key")));
    }

    [Fact]
    public void Probes_ask_where_the_speaker_listens_which_is_on_the_loopback_alone()
    {
        foreach (var probe in new[] { "livenessProbe", "readinessProbe" })
        {
            var request = Pod.At($"containers/0/{probe}/httpGet")!;
            Assert.Equal("127.0.0.1 17472", $"{request.Text("host")} {request.Text("port")}");
        }
    }

    [Fact]
    public void Members_find_each_other_by_the_labels_of_the_pods_and_by_the_controllers_Secret()
    {
        var environment = ((YamlSequenceNode)Pod.At("containers/0/env")!).Children.ToDictionary(
            item => item.Text("name")!, item => item.Text("value") ?? item.Text("valueFrom/fieldRef/fieldPath"));
        var labels = Find("DaemonSet", "speaker").Entries("spec/template/metadata/labels").Select(label => $"{label.Key}={label.Value}");
        Assert.Equal(string.Join(',', labels), environment["METALLB_ML_LABELS"]);
        Assert.Equal("spec.nodeName", environment["METALLB_NODE_NAME"]);
        Assert.Equal("metadata.name", environment["METALLB_POD_NAME"]);
        Assert.Equal("status.podIP", environment["METALLB_ML_BIND_ADDR"]);
        Assert.Contains(Mounts(), mount => mount.Text("mountPath") == environment["METALLB_ML_SECRET_KEY_PATH"]);
        Assert.Contains(Volumes(), volume => volume.Text("secret/secretName") == "memberlist");
    }

    [Fact]
    public void Every_mount_has_its_volume_and_the_excluded_interfaces_are_where_the_speaker_looks()
    {
        Assert.Equal(Volumes().Select(volume => volume.Text("name")).Order(), Mounts().Select(mount => mount.Text("name")).Order());
        Assert.Contains(Mounts(), mount => mount.Text("mountPath") == "/etc/metallb/excludel2.yaml");
        var file = Find("ConfigMap", "metallb-excludel2").Text("data/excludel2.yaml")!;
        Assert.Equal(14, file.Split('\n').Count(line => line.TrimStart().StartsWith("- ^", System.StringComparison.Ordinal)));
    }

    [Fact]
    public void No_rule_grants_everything_nor_a_write_to_what_users_write()
    {
        string[] theirs = ["services", "nodes", "secrets", "configmaps", "pods", "ipaddresspools", "l2advertisements", "bgppeers"];
        foreach (var rule in Objects.Where(item => item.Text("kind") is "Role" or "ClusterRole")
            .SelectMany(role => ((YamlSequenceNode)role.At("rules")!).Children))
        {
            Assert.DoesNotContain("*", rule.Texts("verbs").Concat(rule.Texts("resources")));
            if (rule.Texts("resources").Intersect(theirs).Any())
                Assert.Empty(rule.Texts("verbs").Except(["get", "list", "watch"]));
        }
    }

    private static IEnumerable<YamlNode> Volumes() => ((YamlSequenceNode)Pod.At("volumes")!).Children;

    private static IEnumerable<YamlNode> Mounts() => ((YamlSequenceNode)Pod.At("containers/0/volumeMounts")!).Children;

    private static YamlMappingNode Find(string kind, string name) =>
        Objects.Single(item => item.Text("kind") == kind && item.Text("metadata/name") == name);
}

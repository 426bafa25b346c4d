using System;
using System.Diagnostics;
using System.IO;
using System.Linq;
using System.Text.Json.Nodes;
using FerroLB.Interop.Lan;
using Xunit;

namespace FerroLB.Interop.Speaker;

/// <summary>
/// What kubectl shows of real speakers that have the rights of deploy/speaker and no more, on an API server that enforces them.
/// </summary>
public sealed class SpeakerReportTests : IDisposable
{
    private const string Home = "metallb-system";
    private const string Exclude = "node.kubernetes.io/exclude-from-external-load-balancers";
    private static readonly string[] Nodes = ["node-1", "node-2"];

    private readonly TestLan _lan = new(["client", .. Nodes]);
    private readonly TestCluster _cluster;

    public SpeakerReportTests() => _cluster = new(_lan, Shell.Ferrolb);

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Statuses_tell_the_truth_over_moves_and_the_death_of_a_node_with_the_rights_of_the_manifests_alone()
    {
        Prepare();
        var speakers = Nodes.ToDictionary(node => node, StartSpeaker);
        _lan.Until("a node answers", () => _lan.ArpAnswers("client", Address, 1).Length == 1);
        var owner = Nodes.Single(node => _lan.MacOf(node) == _lan.ArpAnswers("client", Address, 1)[0]);
        var other = Nodes.Single(node => node != owner);
        Until("everything names the owner", () => Announcers(), owner);
        Until("the Service says so", () => Said(), $"True Announced announced by layer 2 from node {owner} on all interfaces");
        foreach (var node in Nodes)
        {
            Until($"{node} judges the configuration", () => Get("configurationstate", $"speaker-{node}", "{.status.result}"), "Valid");
            Until(
                $"{node} says what it has", () => Get("speakerstate", node, "{.status.ownedAddressCount} {.status.livingMemberCount}"),
                node == owner ? "1 2" : "0 2");
            Assert.Equal($"speaker-{node}", Get("speakerstate", node, "{.metadata.ownerReferences[0].name}"));
        }
        Assert.Equal($"speaker-{owner}", GetAll("servicel2statuses", "{.items[*].metadata.ownerReferences[0].name}"));
        Assert.Contains(
            $"announcing from node \"{owner}\" with protocol \"layer2\"",
            _cluster.Kubectl("get", "events", "-n", "default", "-o", "jsonpath={.items[*].message}"), StringComparison.Ordinal);

        _cluster.Kubectl("label", "node", owner, other, $"{Exclude}=");
        Until("nobody announces", () => Announcers(), "");
        _lan.Until("the Service says why", () => Said().StartsWith("False NoEligibleNode", StringComparison.Ordinal));
        Assert.Contains($"{other} (labelled to be excluded", Said(), StringComparison.Ordinal);
        _cluster.Kubectl("label", "node", owner, other, $"{Exclude}-");
        Until("the owner announces again", () => Announcers(), owner);

        Kill(speakers[owner]);
        Until("the other node takes over", () => Announcers(), other);
        Until("the Service says so", () => Said(), $"True Announced announced by layer 2 from node {other} on all interfaces");
        Until("it says who failed", () => Get("speakerstate", other, $"{{.status.members[?(@.name==\"{owner}\")].state}}"), "Failed");

        // The Pod of the dead speaker goes, and with it what belonged to it.
        _cluster.Kubectl("delete", "pod", "-n", Home, $"speaker-{owner}");
        _lan.Until("its objects go with it", () => GetAll("speakerstates", "{.items[*].metadata.name}") == other &&
            GetAll("configurationstates", "{.items[*].metadata.name}") == $"speaker-{other}");
        Assert.All(Nodes, node => Assert.DoesNotContain("forbidden", _lan.LogOf($"speaker-{node}"), StringComparison.OrdinalIgnoreCase));
    }

    private const string Address = "10.98.1.5";

    private void Prepare()
    {
        _cluster.StartApiServer("--authorization-mode", "RBAC");
        _cluster.Prepare();
        _cluster.Kubectl("apply", "-f", Tool.InRepository("deploy/speaker"));
        foreach (var (node, index) in Nodes.Select((node, index) => (node, index)))
        {
            _cluster.AddNode(node);
            _cluster.AddSpeakerPod(node, $"10.98.0.{3 + index}");
        }
        File.WriteAllText(Path.Combine(_lan.Directory, "secretkey"), "c2VjcmV0c2VjcmV0c2VjcQ");
        _cluster.AddPool("10.98.1.0/24");
        _cluster.AddServices("web");
        // In place of a controller, whose own rights are not the question here.
        _cluster.Replace(
            "/api/v1/namespaces/default/services/web/status", _cluster.Kubectl("get", "service", "web", "-o", "json"),
            service => service["status"] = JsonNode.Parse($$"""{"loadBalancer":{"ingress":[{"ip":"{{Address}}"}]} }"""));
    }

    private Process StartSpeaker(string node)
    {
        var config = Path.Combine(_lan.Directory, $"speaker-{node}.kubeconfig");
        var token = _cluster.TokenOf("speaker");
        File.WriteAllLines(config, File.ReadLines(_cluster.Kubeconfig).Select(line =>
            line.TrimStart().StartsWith("token: ", StringComparison.Ordinal) ? $"{line[..line.IndexOf('t')]}token: {token}" : line));
        return _lan.Start(node, $"speaker-{node}", Shell.Ferrolb, [
            "speaker", "--kubeconfig", config, "--namespace", Home, "--node-name", node, "--pod-name", $"speaker-{node}",
            "--ml-bindaddr", $"10.98.0.{3 + Array.IndexOf(Nodes, node)}", "--ml-labels", "component=speaker",
            "--ml-secret-key-path", _lan.Directory,
        ]);
    }

    private void Until(string what, Func<string> read, string expected)
    {
        var last = "";
        try
        {
            _lan.Until(what, () => (last = read()) == expected);
        }
        catch (TimeoutException e)
        {
            throw new TimeoutException($"{what}: '{last}' and not '{expected}'\n{e.Message}", e);
        }
    }

    private string Announcers() => GetAll("servicel2statuses", "{.items[*].status.node}");

    private string Said()
    {
        const string ours = ".status.conditions[?(@.type==\"ferrolb.io/Announced\")]";
        return _cluster.Kubectl("get", "service", "web", "-o", $"jsonpath={{{ours}.status}} {{{ours}.reason}} {{{ours}.message}}").Trim();
    }

    private string Get(string kind, string name, string path) =>
        _cluster.Kubectl("get", kind, name, "-n", Home, "--ignore-not-found", "-o", $"jsonpath={path}").Trim();

    private string GetAll(string kind, string path) => _cluster.Kubectl("get", kind, "-n", Home, "-o", $"jsonpath={path}").Trim();

    private static void Kill(Process process)
    {
        process.Kill();
        process.WaitForExit();
    }
}

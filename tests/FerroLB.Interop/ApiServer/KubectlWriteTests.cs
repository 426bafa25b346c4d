using System.IO;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>What kubectl changes.</summary>
public sealed class KubectlWriteTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Applying_twice_changes_nothing_and_removed_fields_go(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        string[] apply = ["apply", "-n", ns, "-f", "-"];
        Assert.Equal("service/shop created", await kubectl.OkWithInputAsync(Manifests.Service, apply));
        string before = await VersionAsync(kubectl, ns, "svc/shop");
        Assert.Equal("service/shop unchanged", await kubectl.OkWithInputAsync(Manifests.Service, apply));
        Assert.Equal(before, await VersionAsync(kubectl, ns, "svc/shop"));
        Assert.Equal("service/shop configured", await kubectl.OkWithInputAsync(Manifests.ServiceWithOnePort, apply));
        Assert.Equal("80", await FieldAsync(kubectl, ns, "svc/shop", "{.spec.ports[*].port}"));
        await kubectl.OkWithInputAsync(Manifests.Pool, apply);
        Assert.Equal("ipaddresspool.metallb.io/first unchanged", await kubectl.OkWithInputAsync(Manifests.Pool, apply));
        await kubectl.OkWithInputAsync(Manifests.PoolWithoutBuggyIps, apply);
        string left = await FieldAsync(kubectl, ns, "ipaddresspool/first", "{.spec.addresses} {.spec.avoidBuggyIPs}");
        Assert.Equal("""["192.168.10.0/24"] false""", left);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Server_side_apply_does_the_same_by_field_managers(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        string[] apply = ["apply", "--server-side", "-n", ns, "-f", "-"];
        Assert.Equal("service/shop serverside-applied", await kubectl.OkWithInputAsync(Manifests.Service, apply));
        string before = await VersionAsync(kubectl, ns, "svc/shop");
        await kubectl.OkWithInputAsync(Manifests.Service, apply);
        Assert.Equal(before, await VersionAsync(kubectl, ns, "svc/shop"));
        await kubectl.OkWithInputAsync(Manifests.ServiceWithOnePort, apply);
        Assert.Equal("80", await FieldAsync(kubectl, ns, "svc/shop", "{.spec.ports[*].port}"));
        await kubectl.OkWithInputAsync(Manifests.Pool, apply);
        await kubectl.OkWithInputAsync(Manifests.PoolWithoutBuggyIps, apply);
        Assert.Equal("false", await FieldAsync(kubectl, ns, "ipaddresspool/first", "{.spec.avoidBuggyIPs}"));
        string rival = Manifests.PoolWithoutBuggyIps.Replace("10.0/24", "11.0/24");
        string refused = await kubectl.FailsWithInputAsync(rival, [.. apply, "--field-manager", "rival"]);
        Assert.Contains("conflict", refused);
        Assert.Contains(".spec.addresses", refused);
        await kubectl.OkWithInputAsync(rival, [.. apply, "--field-manager", "rival", "--force-conflicts"]);
        Assert.Equal("""["192.168.11.0/24"]""", await FieldAsync(kubectl, ns, "ipaddresspool/first", "{.spec.addresses}"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task All_kinds_of_patch_work(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkWithInputAsync(Manifests.Service, "create", "-n", ns, "-f", "-");
        string[] patch = ["patch", "svc", "shop", "-n", ns];
        await kubectl.OkAsync([.. patch, "--type=merge", "-p", """{"metadata":{"labels":{"a":"1"}}}"""]);
        await kubectl.OkAsync([.. patch, "--type=json", "-p", """[{"op":"replace","path":"/metadata/labels/a","value":"2"}]"""]);
        await kubectl.OkAsync([.. patch, "--type=strategic", "-p", """{"spec":{"ports":[{"port":80,"targetPort":9090}]}}"""]);
        Assert.Equal("2 80:9090 443:8443 ", await FieldAsync(
            kubectl, ns, "svc/shop", "{.metadata.labels.a} {range .spec.ports[*]}{.port}:{.targetPort} {end}"));
        string again = await kubectl.OkAsync([.. patch, "--type=merge", "-p", """{"metadata":{"labels":{"a":"2"}}}"""]);
        Assert.Contains("(no change)", again);
        const string Untrue = """[{"op":"test","path":"/metadata/labels/a","value":"9"}]""";
        Assert.NotEmpty(await kubectl.FailsWithInputAsync("", [.. patch, "--type=json", "-p", Untrue]));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Replace_takes_the_whole_object_and_refuses_an_old_version(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkWithInputAsync(Manifests.Service, "create", "-n", ns, "-f", "-");
        string old = await kubectl.OkAsync("get", "svc", "shop", "-n", ns, "-o", "yaml");
        string edited = old.Replace("targetPort: 8080", "targetPort: 8081");
        Assert.Equal("service/shop replaced", await kubectl.OkWithInputAsync(edited, "replace", "-f", "-"));
        Assert.Equal("8081", await FieldAsync(kubectl, ns, "svc/shop", "{.spec.ports[0].targetPort}"));
        string conflict = await kubectl.FailsWithInputAsync(old, "replace", "-f", "-");
        Assert.Contains("Conflict", conflict);
        Assert.Contains("the object has been modified; please apply your changes to the latest version and try again", conflict);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Labels_and_annotations_are_set_and_removed(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkAsync("create", "configmap", "noted", "-n", ns, "--from-literal=key=value");
        Assert.Equal("configmap/noted labeled", await kubectl.OkAsync("label", "cm", "noted", "-n", ns, "color=red"));
        Assert.NotEmpty(await kubectl.FailsWithInputAsync("", "label", "cm", "noted", "-n", ns, "color=blue"));
        await kubectl.OkAsync("label", "cm", "noted", "-n", ns, "color=blue", "--overwrite");
        await kubectl.OkAsync("annotate", "cm", "noted", "-n", ns, "why=because");
        string noted = await FieldAsync(kubectl, ns, "cm/noted", "{.metadata.labels.color} {.metadata.annotations.why} {.data.key}");
        Assert.Equal("blue because value", noted);
        await kubectl.OkAsync("label", "cm", "noted", "-n", ns, "color-");
        Assert.Equal("", await FieldAsync(kubectl, ns, "cm/noted", "{.metadata.labels.color}"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Delete_removes_and_waits_for_finalizers(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkAsync("create", "configmap", "held", "-n", ns);
        string[] patch = ["patch", "cm", "held", "-n", ns, "--type=merge", "-p"];
        await kubectl.OkAsync([.. patch, """{"metadata":{"finalizers":["example.com/hold"]}}"""]);
        using WatchingKubectl waiting = kubectl.Watch("wait", "--for=delete", "cm/held", "-n", ns, "--timeout=30s");
        await kubectl.OkAsync("delete", "cm", "held", "-n", ns, "--wait=false");
        Assert.NotEqual("", await FieldAsync(kubectl, ns, "cm/held", "{.metadata.deletionTimestamp}"));
        await kubectl.OkAsync([.. patch, """{"metadata":{"finalizers":null}}"""]);
        Assert.Equal(0, await waiting.EndAsync());
        await kubectl.OkAsync("create", "configmap", "gone", "-n", ns);
        Assert.Equal("configmap \"gone\" deleted", (await kubectl.OkAsync("delete", "cm", "gone", "-n", ns)).Split(" from ")[0]);
        await kubectl.OkAsync("delete", "cm", "--all", "-n", ns);
        await kubectl.OkAsync("delete", "ns", ns, "--timeout=30s");
        Assert.NotEmpty(await kubectl.FailsWithInputAsync("", "get", "ns", ns));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Wait_sees_conditions_and_fields(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkWithInputAsync(Manifests.Service, "create", "-n", ns, "-f", "-");
        await kubectl.OkAsync("wait", "--for=condition=Established", "--timeout=30s", "crd/ipaddresspools.metallb.io");
        if (version == "newest")
            await kubectl.OkAsync("wait", "--for=jsonpath={.spec.type}=LoadBalancer", "--timeout=30s", "svc/shop", "-n", ns);
        CommandResult late = await kubectl.RunAsync("wait", "--for=condition=Never", "--timeout=1s", "svc/shop", "-n", ns);
        Assert.Contains("timed out waiting for the condition", late.Errors);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Generators_and_dry_runs_work(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkAsync("create", "deployment", "web", "--image=nginx", "-n", ns);
        await kubectl.OkAsync("expose", "deployment", "web", "--port=80", "--type=LoadBalancer", "-n", ns);
        Assert.Equal("web", await FieldAsync(kubectl, ns, "svc/web", "{.spec.selector.app}"));
        Assert.StartsWith("web 0/1 0 0 ", ServerFixture.Rows(await kubectl.OkAsync("get", "deploy", "-n", ns))[1]);
        await kubectl.OkAsync("create", "secret", "generic", "key", "--from-literal=a=b", "-n", ns);
        string dry = await kubectl.OkAsync("create", "configmap", "dry", "-n", ns, "--dry-run=server");
        Assert.Contains("(server dry run)", dry);
        Assert.NotEmpty(await kubectl.FailsWithInputAsync("", "get", "cm", "dry", "-n", ns));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Unknown_and_ill_typed_fields_are_refused(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        string[] apply = ["apply", "-n", ns, "-f", "-"];
        string unknown = await kubectl.FailsWithInputAsync(Manifests.Pool.Replace("avoidBuggyIPs", "avoidBugs"), apply);
        Assert.Contains("avoidBugs", unknown);
        Assert.Contains(version == "1.20" ? "unknown field" : "strict decoding error: unknown field \"spec.avoidBugs\"", unknown);
        string illTyped = await kubectl.FailsWithInputAsync(Manifests.Pool.Replace("true", "\"often\""), apply);
        Assert.Contains("avoidBuggyIPs", illTyped);
        string service = await kubectl.FailsWithInputAsync(Manifests.Service.Replace("port: 80\n", "port: eighty\n"), apply);
        Assert.Contains("port", service);
        string misspelt = await kubectl.FailsWithInputAsync(Manifests.Service.Replace("selector:", "selektor:"), apply);
        Assert.Contains("unknown field", misspelt);
        string rule = await kubectl.FailsWithInputAsync(
            Manifests.Service.Replace("port: 80\n", "port: 80000\n"), [.. apply, "--validate=false"]);
        Assert.Contains("spec.ports[0].port: Invalid value: 80000: must be between 1 and 65535, inclusive", rule);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task The_samples_of_the_guide_are_accepted(string version)
    {
        (Kubectl kubectl, _) = await fixture.StartAsync(version);
        string samples = Path.Combine(Shell.Root, "samples/guide");
        await kubectl.OkAsync("apply", "-f", samples);
        await kubectl.OkAsync("delete", "-f", samples, "--ignore-not-found");
    }

    private static Task<string> VersionAsync(Kubectl kubectl, string ns, string name) =>
        FieldAsync(kubectl, ns, name, "{.metadata.resourceVersion}");

    private static Task<string> FieldAsync(Kubectl kubectl, string ns, string name, string path) =>
        kubectl.OkAsync("get", name, "-n", ns, "-o", "jsonpath=" + path);
}

using System;
using System.Threading.Tasks;
using Xunit;

namespace FerroLB.Interop.ApiServer;

/// <summary>What kubectl shows.</summary>
public sealed class KubectlReadTests(ServerFixture fixture) : IClassFixture<ServerFixture>
{
    public static TheoryData<string> Versions => Kubectl.Versions;

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Services_are_shown_in_the_columns_of_Kubernetes(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkWithInputAsync(Manifests.Service, "apply", "-n", ns, "-f", "-");
        string[] rows = [.. ServerFixture.Rows(await kubectl.OkAsync("get", "svc", "-n", ns))];
        Assert.Equal("NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE", rows[0]);
        Assert.Matches(@"^shop LoadBalancer 10\.96\.\d+\.\d+ <pending> 80:3\d{4}/TCP,443:3\d{4}/TCP \d+s$", rows[1]);
        rows = [.. ServerFixture.Rows(await kubectl.OkAsync("get", "svc", "-n", ns, "-o", "wide"))];
        Assert.Equal("NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE SELECTOR", rows[0]);
        Assert.EndsWith(" app=shop", rows[1]);
        rows = [.. ServerFixture.Rows(await kubectl.OkAsync("get", "svc", "-n", ns, "-L", "app", "--no-headers"))];
        Assert.EndsWith("s shop", rows[0]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Every_output_format_is_served(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkWithInputAsync(Manifests.Service, "apply", "-n", ns, "-f", "-");
        string[] get = ["get", "svc", "shop", "-n", ns, "-o"];
        Assert.Contains("type: LoadBalancer", await kubectl.OkAsync([.. get, "yaml"]));
        Assert.Contains("\"kind\": \"Service\"", await kubectl.OkAsync([.. get, "json"]));
        Assert.Equal("80 443", await kubectl.OkAsync([.. get, "jsonpath={.spec.ports[*].port}"]));
        Assert.Equal("service/shop", await kubectl.OkAsync([.. get, "name"]));
        string custom = await kubectl.OkAsync([.. get, "custom-columns=N:.metadata.name,P:.spec.ports[0].port"]);
        Assert.Equal(["N P", "shop 80"], ServerFixture.Rows(custom));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Custom_resources_are_shown_in_the_columns_of_their_definition(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkWithInputAsync(Manifests.Pool, "apply", "-n", ns, "-f", "-");
        var rows = ServerFixture.Rows(await kubectl.OkAsync("get", "ipaddresspools", "-n", ns));
        Assert.Equal("NAME AUTO ASSIGN AVOID BUGGY IPS ADDRESSES", rows[0]);
        Assert.Equal("first true true [\"192.168.10.0/24\",\"192.168.9.1-192.168.9.5\"]", rows[1]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Kinds_without_objects_and_all_of_everything_are_listed_without_error(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkAsync("get", "events", "-n", ns);
        await kubectl.OkAsync("get", "all", "-A");
        await kubectl.OkAsync("get", "nodes,pods,cm,secrets,leases,endpointslices,deploy,ds,rs", "-n", ns);
        Assert.Contains("Established", await kubectl.OkAsync("get", "crd", "ipaddresspools.metallb.io", "-o", "yaml"));
        var namespaces = ServerFixture.Rows(await kubectl.OkAsync("get", "ns"));
        Assert.Contains(namespaces, row => row.StartsWith("default Active ", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Selectors_choose_by_label_and_by_field(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        foreach (string name in new[] { "one", "two", "three" })
            await kubectl.OkAsync("create", "configmap", name, "-n", ns);
        await kubectl.OkAsync("label", "configmap", "one", "two", "size=small", "-n", ns);
        string[] get = ["get", "cm", "-n", ns, "-o", "name"];
        Assert.Equal("configmap/one\nconfigmap/two", await kubectl.OkAsync([.. get, "-l", "size=small"]));
        Assert.Equal("configmap/three", await kubectl.OkAsync([.. get, "-l", "!size"]));
        string[] both = ["-l", "size in (small,large)", "--field-selector", "metadata.name=two"];
        Assert.Equal("configmap/two", await kubectl.OkAsync([.. get, .. both]));
        Assert.Equal("", await kubectl.OkAsync([.. get, "--field-selector", "metadata.name=four"]));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Watching_shows_changes_as_rows(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkAsync("create", "configmap", "seen", "-n", ns);
        using WatchingKubectl watch = kubectl.Watch("get", "cm", "-n", ns, "-w");
        await watch.ExpectAsync("NAME", "DATA", "AGE");
        await watch.ExpectAsync("seen", " 0 ");
        await kubectl.OkAsync("patch", "cm", "seen", "-n", ns, "-p", """{"data":{"a":"1"}}""");
        await watch.ExpectAsync("seen", " 1 ");
        await kubectl.OkAsync("create", "configmap", "later", "-n", ns);
        await watch.ExpectAsync("later");
        using WatchingKubectl events = kubectl.Watch("get", "cm", "-n", ns, "-w", "--output-watch-events");
        await events.ExpectAsync("ADDED", "seen");
        await kubectl.OkAsync("delete", "cm", "seen", "-n", ns);
        await events.ExpectAsync("DELETED", "seen");
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Describe_tells_a_service_and_its_events(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkWithInputAsync(Manifests.Service, "apply", "-n", ns, "-f", "-");
        string uid = await kubectl.OkAsync("get", "svc", "shop", "-n", ns, "-o", "jsonpath={.metadata.uid}");
        string happened = $$"""
            {"apiVersion":"v1","kind":"Event","metadata":{"name":"shop.1","namespace":"{{ns}}"},"type":"Warning",
             "reason":"AllocationFailed","message":"no address is free",
             "involvedObject":{"kind":"Service","name":"shop","namespace":"{{ns}}","uid":"{{uid}}"},
             "source":{"component":"test"},"firstTimestamp":"2026-01-01T00:00:00Z","lastTimestamp":"2026-01-01T00:00:00Z","count":3}
            """;
        await kubectl.OkWithInputAsync(happened, "create", "-f", "-");
        string described = await kubectl.OkAsync("describe", "svc", "shop", "-n", ns);
        Assert.Matches(@"Type:\s+LoadBalancer", described);
        Assert.Matches(@"Port:\s+http\s+80/TCP", described);
        Assert.Contains("no address is free", described);
        var rows = ServerFixture.Rows(await kubectl.OkAsync("get", "events", "-n", ns));
        Assert.Equal("LAST SEEN TYPE REASON OBJECT MESSAGE", rows[0]);
        Assert.EndsWith("Warning AllocationFailed service/shop no address is free", rows[1]);
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Event_of_the_newer_group_and_its_series_are_shown_in_both(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        await kubectl.OkAsync("create", "configmap", "web", "-n", ns);
        string uid = await kubectl.OkAsync("get", "configmap", "web", "-n", ns, "-o", "jsonpath={.metadata.uid}");
        string happened = $$$"""
            {"apiVersion":"events.k8s.io/v1","kind":"Event","metadata":{"name":"web.1","namespace":"{{{ns}}}"},"type":"Normal",
             "reason":"Moved","note":"it moved","action":"Move","eventTime":"2026-01-01T00:00:00.000001Z","reportingController":"x.io/c",
             "reportingInstance":"c-1","regarding":{"kind":"ConfigMap","name":"web","namespace":"{{{ns}}}","uid":"{{{uid}}}"},
             "series":{"count":4,"lastObservedTime":"2026-01-01T00:01:00.000001Z"}}
            """;
        await kubectl.OkWithInputAsync(happened, "create", "-f", "-");
        Assert.EndsWith("Normal Moved configmap/web it moved", ServerFixture.Rows(await kubectl.OkAsync("get", "events", "-n", ns))[1]);
        Assert.EndsWith("Normal Moved configmap/web it moved",
            ServerFixture.Rows(await kubectl.OkAsync("get", "events.events.k8s.io", "-n", ns))[1]);
        Assert.Equal("4", await kubectl.OkAsync("get", "events", "-n", ns, "-o", "jsonpath={.items[0].series.count}"));
        Assert.Matches("Moved.*it moved", await kubectl.OkAsync("describe", "cm", "web", "-n", ns));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Explain_tells_the_fields_of_a_custom_resource(string version)
    {
        (Kubectl kubectl, _) = await fixture.StartAsync(version);
        string kind = await kubectl.OkAsync("explain", "ipaddresspool");
        Assert.Matches(@"KIND:\s+IPAddressPool", kind);
        Assert.Contains("spec", kind);
        string field = await kubectl.OkAsync("explain", "ipaddresspool.spec.addresses");
        Assert.Contains("[]string", field);
        string nested = await kubectl.OkAsync("explain", "bgppeers.spec.nodeSelectors", "--api-version=metallb.io/v1beta2");
        Assert.Contains("matchLabels", nested);
        Assert.Contains("clusterIP", await kubectl.OkAsync("explain", "service.spec"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task Api_resources_are_listed_with_short_names(string version)
    {
        (Kubectl kubectl, _) = await fixture.StartAsync(version);
        var rows = ServerFixture.Rows(await kubectl.OkAsync("api-resources"));
        Assert.Contains(rows, row => row.StartsWith("services svc ", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.StartsWith("customresourcedefinitions crd,crds ", StringComparison.Ordinal));
        Assert.Contains(rows, row => row.StartsWith("ipaddresspools metallb.io/v1beta1 true IPAddressPool", StringComparison.Ordinal));
        Assert.Contains("metallb.io/v1beta1", await kubectl.OkAsync("api-versions"));
    }

    [Theory]
    [MemberData(nameof(Versions))]
    public async Task What_does_not_exist_is_told_in_the_words_of_Kubernetes(string version)
    {
        (Kubectl kubectl, string ns) = await fixture.StartAsync(version);
        string missing = await kubectl.FailsWithInputAsync("", "get", "svc", "none", "-n", ns);
        Assert.Equal("Error from server (NotFound): services \"none\" not found", missing);
        string unknown = await kubectl.FailsWithInputAsync("", "get", "cows");
        Assert.Equal("error: the server doesn't have a resource type \"cows\"", unknown);
        Assert.Contains("Server Version", await kubectl.OkAsync("version"));
    }
}

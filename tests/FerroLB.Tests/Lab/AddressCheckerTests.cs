using System;
using System.Text;
using FerroLB.ApiServer.Store;
using FerroLB.Lab.Checkers;
using FerroLB.Lab.Cluster;
using FerroLB.Lab.World;
using Xunit;

namespace FerroLB.Tests.Lab;

/// <summary>The checker against a controller that is played by hand, and plays wrong.</summary>
public sealed class AddressCheckerTests
{
    private readonly VirtualWorld _world = new(5);
    private readonly ApiFront _api;
    private readonly AddressChecker _checker;

    public AddressCheckerTests()
    {
        _api = new(_world);
        Create("apiextensions.k8s.io", "customresourcedefinitions", null, Definition("IPAddressPool", "ipaddresspools"));
        Create("apiextensions.k8s.io", "customresourcedefinitions", null, Definition("L2Advertisement", "l2advertisements"));
        var mirror = new StoreMirror(_api);
        _checker = new(_world, mirror, new PoolHistory(_world)) { Grace = TimeSpan.FromSeconds(30) };
        mirror.Reopen();
        _api.Written = user =>
        {
            _checker.Writer = user;
            mirror.Refresh();
        };
        Create("metallb.io", "ipaddresspools", "default",
            """{"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool","metadata":{"name":"p"},"spec":{"addresses":["10.20.0.0/28"]}}""");
        CreateService("one", "");
        CreateService("two", "");
        Pass();
    }

    [Fact]
    public void A_right_address_is_no_violation()
    {
        Give("one", "10.20.0.1");
        Give("two", "10.20.0.2");
        Assert.Null(_world.Violation);
        Assert.Equal(2, _checker.Assignments);
    }

    [Fact]
    public void An_address_outside_every_pool_is_a_violation()
    {
        Give("one", "10.20.0.16");
        Assert.Equal("default/one was given 10.20.0.16, which lies in no pool", _world.Violation!.What);
    }

    [Fact]
    public void One_address_for_two_services_is_a_violation()
    {
        Give("one", "10.20.0.1");
        Give("two", "10.20.0.1");
        Assert.Equal("default/two was given 10.20.0.1, which default/one has, and they may not share it", _world.Violation!.What);
    }

    [Fact]
    public void A_legally_shared_address_is_no_violation()
    {
        CreateService("three", "k", 81);
        CreateService("four", "k", 82);
        Give("three", "10.20.0.1");
        Give("four", "10.20.0.1");
        Assert.Null(_world.Violation);
    }

    [Fact]
    public void An_address_shared_on_the_same_port_is_a_violation()
    {
        CreateService("three", "k");
        CreateService("four", "k");
        Give("three", "10.20.0.1");
        Give("four", "10.20.0.1");
        Assert.NotNull(_world.Violation);
    }

    [Fact]
    public void A_service_renumbered_unasked_is_a_violation()
    {
        Give("one", "10.20.0.1");
        Pass();
        Give("one", "10.20.0.2");
        Assert.Equal("default/one lost 10.20.0.1 (now 10.20.0.2), and nothing spoke against it", _world.Violation!.What);
    }

    [Fact]
    public void A_service_that_loses_its_address_unasked_is_a_violation()
    {
        Give("one", "10.20.0.1");
        Pass();
        Give("one");
        Assert.NotNull(_world.Violation);
    }

    [Fact]
    public void A_service_renumbered_because_it_asked_is_no_violation()
    {
        Give("one", "10.20.0.1");
        Pass();
        Patch("services", "", "one", "", """{"spec":{"loadBalancerIP":"10.20.0.2"}}""");
        Give("one", "10.20.0.2");
        Assert.Null(_world.Violation);
    }

    [Fact]
    public void A_service_renumbered_because_its_pool_shrank_is_no_violation()
    {
        Give("one", "10.20.0.1");
        Pass();
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"addresses":["10.20.0.2/31"]}}""");
        Give("one", "10.20.0.2");
        Assert.Null(_world.Violation);
    }

    [Fact]
    public void An_address_other_than_the_one_asked_for_is_a_violation()
    {
        Patch("services", "", "one", "", """{"spec":{"loadBalancerIP":"10.20.0.2"}}""");
        Pass();
        Give("one", "10.20.0.3");
        Assert.Equal("default/one was given 10.20.0.3 although it asks for 10.20.0.2", _world.Violation!.What);
    }

    [Theory]
    [InlineData("10.20.0.1", null)]
    [InlineData("10.20.0.3", "default/one was given 10.20.0.3 although it asks for 10.20.0.2")]
    public void What_an_edit_by_hand_overwrote_may_be_restored_long_after_and_against_the_wish_and_nothing_else(string given, string? fault)
    {
        Give("one", "10.20.0.1");
        GiveAs("user", "one", "192.0.2.1");
        GiveAs("user", "one", "192.0.2.2");
        Patch("services", "", "one", "", """{"spec":{"loadBalancerIP":"10.20.0.2"}}""");
        Pass();
        Give("one", given);
        Assert.Equal(fault, _world.Violation?.What);
    }

    [Fact]
    public void An_address_of_a_pool_that_nobody_asked_for_and_that_is_not_assigned_by_itself_is_a_violation()
    {
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"autoAssign":false}}""");
        Pass();
        Give("one", "10.20.0.3");
        Assert.Contains("for those only who ask for it", _world.Violation!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_pair_that_is_given_at_once_from_a_pool_that_nobody_asked_for_and_that_is_not_assigned_by_itself_is_a_violation()
    {
        Patch("services", "", "one", "", """{"spec":{"ipFamilyPolicy":"PreferDualStack"}}""");
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"addresses":["10.20.0.0/28","fd00::/120"],"autoAssign":false}}""");
        Pass();
        Give("one", "10.20.0.1", "fd00::1");
        Assert.Contains("for those only who ask for it", _world.Violation!.What, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false, null)]
    [InlineData(true, "default/one was given 10.20.0.1 of p, which is for those only who ask for it")]
    public void What_completed_a_pair_may_be_kept_when_the_first_goes_before_that_is_written_but_not_be_given_later(
        bool isLater, string? fault)
    {
        Patch("services", "", "one", "", """{"spec":{"ipFamilyPolicy":"PreferDualStack"}}""");
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"addresses":["10.20.0.0/28","fd00::/120"]}}""");
        Create("metallb.io", "ipaddresspools", "default",
            """{"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool","metadata":{"name":"q"},"spec":{"addresses":["fd01::/120"]}}""");
        Give("one", "fd00::1");
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"autoAssign":false}}""");
        Pass();
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"addresses":["10.20.0.0/28"]}}""");
        if (isLater)
            Pass();
        Give("one", "10.20.0.1", "fd01::1");
        Assert.Equal(fault, _world.Violation?.What);
    }

    [Fact]
    public void An_address_of_a_pool_that_is_pinned_to_others_is_a_violation()
    {
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"serviceAllocation":{"namespaces":["other"]}}}""");
        Pass();
        Give("one", "10.20.0.3");
        Assert.Contains("which is not open to it", _world.Violation!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_status_put_into_another_order_is_a_violation()
    {
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"addresses":["10.20.0.0/28","fd00::/120"]}}""");
        Patch("services", "", "one", "", """{"spec":{"ipFamilyPolicy":"PreferDualStack"}}""");
        Give("one", "10.20.0.1", "fd00::1");
        Assert.Null(_world.Violation);
        Give("one", "fd00::1", "10.20.0.1");
        Assert.Contains("another order", _world.Violation!.What, StringComparison.Ordinal);
    }

    [Fact]
    public void A_service_renumbered_because_another_pool_was_edited_is_a_violation()
    {
        Create("metallb.io", "ipaddresspools", "default",
            """{"apiVersion":"metallb.io/v1beta1","kind":"IPAddressPool","metadata":{"name":"q"},"spec":{"addresses":["10.20.9.0/28"]}}""");
        Give("one", "10.20.0.1");
        Pass();
        Patch("ipaddresspools", "metallb.io", "q", "", """{"spec":{"addresses":["nonsense"]}}""");
        Give("one", "10.20.0.2");
        Assert.NotNull(_world.Violation);
    }

    [Fact]
    public void A_second_family_that_is_added_is_no_violation()
    {
        Patch("ipaddresspools", "metallb.io", "p", "", """{"spec":{"addresses":["10.20.0.0/28","fd00::/120"]}}""");
        Patch("services", "", "one", "", """{"spec":{"ipFamilyPolicy":"PreferDualStack"}}""");
        Give("one", "10.20.0.1");
        Pass();
        Give("one", "10.20.0.1", "fd00::1");
        Assert.Null(_world.Violation);
    }

    private void Pass() => _world.RunUntil(_world.Now + TimeSpan.FromMinutes(2));

    private void CreateService(string name, string sharingKey, int port = 80) => Create(
        "", "services", "default",
        $$$"""
        {"apiVersion":"v1","kind":"Service","metadata":{"name":"{{{name}}}",
        "annotations":{"metallb.io/allow-shared-ip":"{{{sharingKey}}}"}},
        "spec":{"type":"LoadBalancer","ports":[{"port":{{{port}}},"protocol":"TCP"}]}}
        """);

    private void Give(string name, params string[] addresses) => GiveAs("controller", name, addresses);

    private void GiveAs(string user, string name, params string[] addresses)
    {
        var ingress = string.Join(',', Array.ConvertAll(addresses, ip => $$"""{"ip":"{{ip}}"}"""));
        Patch("services", "", name, "status", $$$$"""{"status":{"loadBalancer":{"ingress":[{{{{ingress}}}}]}}}""", user);
    }

    private void Create(string group, string resource, string? ns, string body) => Do(new ApiRequest
    {
        Verb = ApiVerb.Create,
        Group = group,
        Version = VersionOf(group),
        Resource = resource,
        Namespace = ns,
        Body = Encoding.UTF8.GetBytes(body),
    });

    private void Patch(
        string resource, string group, string name, string subresource, string body, string user = "user") => Do(new ApiRequest
    {
        Verb = ApiVerb.Patch,
        Group = group,
        Version = VersionOf(group),
        Resource = resource,
        Namespace = "default",
        Name = name,
        Subresource = subresource,
        ContentType = "application/merge-patch+json",
        Body = Encoding.UTF8.GetBytes(body),
    }, user);

    private void Do(ApiRequest request, string user = "user")
    {
        var response = _api.Do(request, user);
        Assert.True(response.StatusCode is 200 or 201, Encoding.UTF8.GetString(response.Body.Span));
    }

    private static string VersionOf(string group) => group == "metallb.io" ? "v1beta1" : "v1";

    private static string Definition(string kind, string plural) =>
        $$$$"""
        {"apiVersion":"apiextensions.k8s.io/v1","kind":"CustomResourceDefinition","metadata":{"name":"{{{{plural}}}}.metallb.io"},
        "spec":{"group":"metallb.io","scope":"Namespaced","names":{"kind":"{{{{kind}}}}","listKind":"{{{{kind}}}}List",
        "plural":"{{{{plural}}}}","singular":"{{{{plural[..^1]}}}}"},"versions":[{"name":"v1beta1","served":true,"storage":true,
        "schema":{"openAPIV3Schema":{"type":"object","x-kubernetes-preserve-unknown-fields":true}}}]}}
        """;
}

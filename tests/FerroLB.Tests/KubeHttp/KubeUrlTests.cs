using System;
using FerroLB.Core.Kube;
using FerroLB.Runtime.KubeHttp;
using Xunit;

namespace FerroLB.Tests.KubeHttp;

public sealed class KubeUrlTests
{
    [Fact]
    public void A_list_of_a_cluster_names_page_and_selectors() => Assert.Equal(
        "api/v1/services?labelSelector=app%3Dweb&fieldSelector=metadata.name%3Da&resourceVersion=0&limit=500&continue=abc%3D%3D",
        KubeUrl.Of(Make(KubeVerb.List, KubeResource.Services) with
        {
            LabelSelector = "app=web", FieldSelector = "metadata.name=a", ResourceVersion = "0", PageSize = 500, Continue = "abc==",
        }));

    [Fact]
    public void A_watch_asks_for_bookmarks_and_says_how_long_it_lasts() => Assert.Equal(
        "apis/metallb.io/v1beta1/namespaces/lb/ipaddresspools?resourceVersion=42&watch=true&allowWatchBookmarks=true&timeoutSeconds=300",
        KubeUrl.Of(Make(KubeVerb.Watch, KubeResource.IpAddressPools) with
        {
            Namespace = "lb", ResourceVersion = "42", WatchTimeout = TimeSpan.FromMinutes(5),
        }));

    [Fact]
    public void A_patch_of_a_status_names_its_owner() => Assert.Equal(
        "api/v1/namespaces/default/services/web/status?fieldManager=ferrolb&force=true",
        KubeUrl.Of(Make(KubeVerb.Patch, KubeResource.Services) with
        {
            Namespace = "default", Name = "web", Subresource = "status",
            FieldManager = "ferrolb", PatchKind = KubePatchKind.Apply, Force = true,
        }));

    [Fact]
    public void A_created_object_is_posted_to_its_collection() => Assert.Equal(
        "api/v1/namespaces/default/events",
        KubeUrl.Of(Make(KubeVerb.Create, KubeResource.Events) with { Namespace = "default", Name = "x" }));

    [Fact]
    public void A_cluster_scoped_object_has_no_namespace_in_its_path() => Assert.Equal(
        "api/v1/nodes/node-1",
        KubeUrl.Of(Make(KubeVerb.Get, KubeResource.Nodes) with { Namespace = "ignored", Name = "node-1" }));

    [Fact]
    public void Names_cannot_leave_their_place_in_the_path() => Assert.Equal(
        "api/v1/namespaces/a%2Fb/services/..%3Fx",
        KubeUrl.Of(Make(KubeVerb.Delete, KubeResource.Services) with { Namespace = "a/b", Name = "..?x" }));

    private static KubeRequest Make(KubeVerb verb, KubeResource resource) => new() { Id = 1, Verb = verb, Resource = resource };
}

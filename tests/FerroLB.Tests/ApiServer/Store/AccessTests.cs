using System;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>Role-based access control and the questions about it, as Kubernetes' documentation of RBAC describes them.</summary>
public sealed class AccessTests
{
    private const string Rbac = "rbac.authorization.k8s.io/v1/";
    private const string Authorization = "authorization.k8s.io/v1/";
    private readonly TestApi _api = new(new ApiStoreOptions { RoleBasedAccess = true });

    [Fact]
    public void Who_has_no_binding_is_told_what_is_missing_in_Kubernetes_words()
    {
        _api.User = ("ann", ["system:authenticated"]);
        Assert.Equal("services is forbidden: User \"ann\" cannot list resource \"services\" in API group \"\" at the cluster scope",
            _api.Refused(403, ApiVerb.List, "v1/services"));
        Assert.Equal("services \"s\" is forbidden: User \"ann\" cannot patch resource \"services/status\" in API group \"\" in the " +
            "namespace \"default\"", _api.Refused(403, ApiVerb.Patch, "v1/ns:default/services/s/status", "{}"));
        Assert.Equal("leases.coordination.k8s.io is forbidden: User \"ann\" cannot create resource \"leases\" in API group " +
            "\"coordination.k8s.io\" in the namespace \"default\"",
            _api.Refused(403, ApiVerb.Create, "coordination.k8s.io/v1/ns:default/leases", "{}"));
        Assert.Equal("namespaces \"default\" is forbidden: User \"ann\" cannot get resource \"namespaces\" in API group \"\" in the " +
            "namespace \"default\"", _api.Refused(403, ApiVerb.Get, "v1/namespaces/default"));
    }

    [Fact]
    public void Cluster_role_binding_grants_everywhere_and_role_binding_in_its_namespace()
    {
        _api.Create("v1/namespaces", """{"metadata":{"name":"web"}}""");
        Role("clusterroles", "reader", """[{"verbs":["get","list","watch"],"apiGroups":[""],"resources":["services"]}]""");
        Bind("clusterrolebindings", "", "b", "ClusterRole", "reader", """[{"kind":"User","name":"ann"}]""");
        Bind("rolebindings", "web", "b", "ClusterRole", "reader", """[{"kind":"Group","name":"crew"}]""");
        _api.User = ("ann", []);
        _api.List("v1/services");
        _api.Refused(403, ApiVerb.List, "v1/pods");
        _api.User = ("bob", ["crew"]);
        _api.List("v1/ns:web/services");
        Assert.EndsWith("in the namespace \"default\"", _api.Refused(403, ApiVerb.List, "v1/ns:default/services"),
            StringComparison.Ordinal);
        Assert.EndsWith("at the cluster scope", _api.Refused(403, ApiVerb.List, "v1/services"), StringComparison.Ordinal);
    }

    [Fact]
    public void Rule_for_a_name_covers_the_list_of_that_name()
    {
        Role("clusterroles", "r", """[{"verbs":["list"],"apiGroups":[""],"resources":["services"],"resourceNames":["s"]}]""");
        Bind("clusterrolebindings", "", "b", "ClusterRole", "r", """[{"kind":"User","name":"ann"}]""");
        _api.User = ("ann", []);
        _api.List("v1/services", "fieldSelector=metadata.name=s");
        _api.Refused(403, ApiVerb.List, "v1/services");
    }

    [Theory]
    [InlineData("""{"verbs":["*"],"apiGroups":["*"],"resources":["*"]}""", true, true, true)]
    [InlineData("""{"verbs":["patch","get"],"apiGroups":[""],"resources":["services"]}""", true, false, true)]
    [InlineData("""{"verbs":["patch"],"apiGroups":[""],"resources":["services/status"]}""", false, true, false)]
    [InlineData("""{"verbs":["patch"],"apiGroups":[""],"resources":["*/status"]}""", false, true, false)]
    [InlineData("""{"verbs":["get"],"apiGroups":[""],"resources":["services"],"resourceNames":["other"]}""", false, false, false)]
    [InlineData("""{"verbs":["get","patch"],"apiGroups":[""],"resources":["services"],"resourceNames":["s"]}""", true, false, true)]
    [InlineData("""{"verbs":["*"],"apiGroups":["apps"],"resources":["services"]}""", false, false, false)]
    public void Rules_cover_verbs_groups_resources_subresources_and_names(string rule, bool patch, bool patchStatus, bool get)
    {
        Role("clusterroles", "r", $"[{rule}]");
        Bind("clusterrolebindings", "", "b", "ClusterRole", "r", """[{"kind":"User","name":"ann"}]""");
        Assert.Equal((patch, patchStatus, get), (
            Can("ann", """{"verb":"patch","resource":"services","name":"s","namespace":"default"}"""),
            Can("ann", """{"verb":"patch","resource":"services","subresource":"status","name":"s","namespace":"default"}"""),
            Can("ann", """{"verb":"get","resource":"services","name":"s","namespace":"default"}""")));
    }

    [Fact]
    public void Service_accounts_are_bound_by_namespace_and_name()
    {
        Role("clusterroles", "r", """[{"verbs":["get"],"apiGroups":[""],"resources":["services"]}]""");
        Bind("clusterrolebindings", "", "b", "ClusterRole", "r", """[{"kind":"ServiceAccount","name":"speaker","namespace":"lb"}]""");
        Assert.True(Can("system:serviceaccount:lb:speaker", """{"verb":"get","resource":"services"}"""));
        Assert.False(Can("system:serviceaccount:other:speaker", """{"verb":"get","resource":"services"}"""));
    }

    [Fact]
    public void Aggregated_cluster_role_has_the_rules_of_those_it_selects()
    {
        _api.Create(Rbac + "clusterroles",
            """{"metadata":{"name":"all"},"aggregationRule":{"clusterRoleSelectors":[{"matchLabels":{"part":"yes"}}]}}""");
        _api.Create(Rbac + "clusterroles",
            """{"metadata":{"name":"p","labels":{"part":"yes"}},"rules":[{"verbs":["get"],"apiGroups":[""],"resources":["pods"]}]}""");
        Bind("clusterrolebindings", "", "b", "ClusterRole", "all", """[{"kind":"User","name":"ann"}]""");
        Assert.True(Can("ann", """{"verb":"get","resource":"pods"}"""));
    }

    [Fact]
    public void Missing_role_is_named_in_the_refusal()
    {
        Bind("clusterrolebindings", "", "b", "ClusterRole", "gone", """[{"kind":"User","name":"ann"}]""");
        _api.User = ("ann", []);
        Assert.EndsWith(": RBAC: clusterrole.rbac.authorization.k8s.io \"gone\" not found", _api.Refused(403, ApiVerb.List, "v1/pods"),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Review_says_yes_with_the_reason()
    {
        Role("clusterroles", "r", """[{"verbs":["get"],"nonResourceURLs":["/metrics"]}]""");
        Bind("clusterrolebindings", "", "b", "ClusterRole", "r", """[{"kind":"ServiceAccount","name":"prom","namespace":"mon"}]""");
        const string Question = """{"spec":{"user":"USER","nonResourceAttributes":{"path":"/metrics","verb":"get"}}}""";
        var status = _api.Create(Authorization + "subjectaccessreviews",
            Question.Replace("USER", "system:serviceaccount:mon:prom", StringComparison.Ordinal))["status"]!;
        Assert.Equal("RBAC: allowed by ClusterRoleBinding \"b\" of ClusterRole \"r\" to ServiceAccount \"prom/mon\"",
            (string?)status["reason"]);
        Assert.True((bool)status["allowed"]!);
        status = _api.Create(Authorization + "subjectaccessreviews", Question.Replace("USER", "eve", StringComparison.Ordinal))["status"]!;
        Assert.False((bool)status["allowed"]!);
    }

    [Fact]
    public void Everybody_may_ask_about_themselves_and_nobody_else_about_others()
    {
        _api.User = ("ann", ["system:authenticated"]);
        var mine = _api.Create(Authorization + "selfsubjectaccessreviews",
            """{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""");
        Assert.False((bool)mine["status"]!["allowed"]!);
        Assert.Equal("ann", (string?)_api.Create("authentication.k8s.io/v1/selfsubjectreviews", "{}")["status"]!["userInfo"]!["username"]);
        var rules = _api.Create(Authorization + "selfsubjectrulesreviews", """{"spec":{"namespace":"default"}}""")["status"]!;
        Assert.Contains(rules["resourceRules"]!.AsArray(), rule => rule!["resources"]!.ToJsonString().Contains("selfsubjectaccessreviews"));
        _api.Refused(403, ApiVerb.Create, Authorization + "subjectaccessreviews", """{"spec":{"user":"bob"}}""");
        _api.Refused(403, ApiVerb.Create, "authentication.k8s.io/v1/tokenreviews", """{"spec":{"token":"x"}}""");
    }

    [Fact]
    public void Local_review_is_about_its_own_namespace()
    {
        const string Path = Authorization + "ns:default/localsubjectaccessreviews";
        const string Own = """{"spec":{"user":"a","resourceAttributes":{"namespace":"default","verb":"get","resource":"pods"}}}""";
        Assert.False((bool)_api.Create(Path, Own)["status"]!["allowed"]!);
        Assert.Contains("must match metadata.namespace", _api.Refused(422, ApiVerb.Create, Path,
            """{"spec":{"user":"a","resourceAttributes":{"namespace":"other","verb":"get","resource":"pods"}}}"""),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Reviews_are_answered_and_not_stored()
    {
        var before = _api.Store.ResourceVersion;
        _api.Create(Authorization + "selfsubjectaccessreviews", """{"spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}""");
        Assert.Equal(before, _api.Store.ResourceVersion);
        _api.Refused(405, ApiVerb.List, Authorization + "selfsubjectaccessreviews");
    }

    [Fact]
    public void Role_reference_is_immutable_and_subjects_are_checked()
    {
        Bind("clusterrolebindings", "", "b", "ClusterRole", "r", """[{"kind":"User","name":"ann"}]""");
        var binding = _api.Get(Rbac + "clusterrolebindings/b");
        Assert.Equal("rbac.authorization.k8s.io", (string?)binding["subjects"]![0]!["apiGroup"]);
        binding["roleRef"]!["name"] = "other";
        Assert.EndsWith("cannot change roleRef", _api.Refused(422, ApiVerb.Update, Rbac + "clusterrolebindings/b", binding.ToJsonString()),
            StringComparison.Ordinal);
        Assert.Contains("subjects[0].kind: Unsupported value: \"Robot\"", _api.Refused(422, ApiVerb.Create, Rbac + "clusterrolebindings",
            """{"metadata":{"name":"c"},"roleRef":{"kind":"ClusterRole","name":"r"},"subjects":[{"kind":"Robot","name":"r"}]}"""),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Without_RBAC_everything_is_allowed()
    {
        var open = new TestApi { User = ("ann", []) };
        open.List("v1/services");
        Assert.True((bool)open.Create(Authorization + "selfsubjectaccessreviews",
            """{"spec":{"resourceAttributes":{"verb":"delete","resource":"nodes"}}}""")["status"]!["allowed"]!);
    }

    private void Role(string plural, string name, string rules) =>
        _api.Create(Rbac + plural, $$"""{"metadata":{"name":"{{name}}"},"rules":{{rules}}}""");

    private void Bind(string plural, string space, string name, string roleKind, string role, string subjects) =>
        _api.Create(Rbac + (space.Length == 0 ? "" : $"ns:{space}/") + plural,
            $$$"""{"metadata":{"name":"{{{name}}}"},"roleRef":{"kind":"{{{roleKind}}}","name":"{{{role}}}"},"subjects":{{{subjects}}}}""");

    private bool Can(string user, string resource) => (bool)_api.Create(Authorization + "subjectaccessreviews",
        $$$"""{"spec":{"user":"{{{user}}}","resourceAttributes":{{{resource}}}}}""")["status"]!["allowed"]!;
}

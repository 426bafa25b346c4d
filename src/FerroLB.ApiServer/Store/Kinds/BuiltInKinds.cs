using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store.Schemas;

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>The resources that are there without any CustomResourceDefinition.</summary>
internal static class BuiltInKinds
{
    /// <summary>Every verb, sorted.</summary>
    public static readonly ImmutableArray<string> AllVerbs =
        ["create", "delete", "deletecollection", "get", "list", "patch", "update", "watch"];

    private static readonly SortedDictionary<string, JsonObject> Schemas = ReadSchemas();

    // group | version | plural | kind | short names | namespaced, status, generation, unconditional update, virtual | struct
    private const string Table =
        """
        |v1|namespaces|Namespace|ns|-s-u|Namespace
        |v1|services|Service|svc|ns-u|Service
        |v1|nodes|Node|no|-s-u|Node
        |v1|pods|Pod|po|ns-u|Pod
        |v1|secrets|Secret||n--u|Secret
        |v1|configmaps|ConfigMap|cm|n--u|ConfigMap
        |v1|events|Event|ev|n--u|Event
        |v1|serviceaccounts|ServiceAccount|sa|n--u|ServiceAccount
        |v1|endpoints|Endpoints|ep|n--u|Endpoints
        discovery.k8s.io|v1|endpointslices|EndpointSlice||n-gu|EndpointSlice
        coordination.k8s.io|v1|leases|Lease||n---|Lease
        events.k8s.io|v1|events|Event|ev|n--u|EventV1
        apps|v1|deployments|Deployment|deploy|nsgu|Deployment
        apps|v1|daemonsets|DaemonSet|ds|nsgu|DaemonSet
        apps|v1|replicasets|ReplicaSet|rs|nsgu|ReplicaSet
        apiextensions.k8s.io|v1|customresourcedefinitions|CustomResourceDefinition|crd,crds|-sg-|CustomResourceDefinition
        rbac.authorization.k8s.io|v1|roles|Role||n--u|Role
        rbac.authorization.k8s.io|v1|rolebindings|RoleBinding||n--u|RoleBinding
        rbac.authorization.k8s.io|v1|clusterroles|ClusterRole||---u|ClusterRole
        rbac.authorization.k8s.io|v1|clusterrolebindings|ClusterRoleBinding||---u|RoleBinding
        admissionregistration.k8s.io|v1|validatingwebhookconfigurations|ValidatingWebhookConfiguration||--g-|ValidatingWebhookConfiguration
        admissionregistration.k8s.io|v1|mutatingwebhookconfigurations|MutatingWebhookConfiguration||--g-|MutatingWebhookConfiguration
        authentication.k8s.io|v1|tokenreviews|TokenReview||----v|TokenReview
        authentication.k8s.io|v1|selfsubjectreviews|SelfSubjectReview||----v|SelfSubjectReview
        authorization.k8s.io|v1|subjectaccessreviews|SubjectAccessReview||----v|SubjectAccessReview
        authorization.k8s.io|v1|localsubjectaccessreviews|LocalSubjectAccessReview||n---v|SubjectAccessReview
        authorization.k8s.io|v1|selfsubjectaccessreviews|SelfSubjectAccessReview||----v|SelfSubjectAccessReview
        authorization.k8s.io|v1|selfsubjectrulesreviews|SelfSubjectRulesReview||----v|SelfSubjectRulesReview
        policy|v1|poddisruptionbudgets|PodDisruptionBudget|pdb|nsgu|Stored
        networking.k8s.io|v1|networkpolicies|NetworkPolicy|netpol|n-gu|Stored
        scheduling.k8s.io|v1|priorityclasses|PriorityClass|pc|---u|PriorityClass
        """;

    /// <summary>Makes the kinds with empty tables; rules are looked up by plural and group name.</summary>
    public static List<ResourceKind> Create(Func<string, IKindRules> rulesFor)
    {
        var kinds = new List<ResourceKind>();
        ResourceKind? events = null;
        foreach (var line in Table.Split('\n'))
        {
            var cells = line.Trim().Split('|');
            var kind = Read(cells, rulesFor(ApiErrors.Qualified(cells[0], cells[2])), events);
            if (cells[2] == "events" && cells[0].Length == 0)
                events = kind;
            kinds.Add(kind);
        }
        return kinds;
    }

    private static ResourceKind Read(string[] cells, IKindRules rules, ResourceKind? events)
    {
        var flags = cells[5];
        var translated = cells[0] == "events.k8s.io";
        var subresources = ImmutableArray.CreateBuilder<string>();
        if (cells[2] == "namespaces")
            subresources.Add("finalize");
        if (cells[0] == "apps" && cells[2] != "daemonsets")
            subresources.Add("scale");
        if (flags[1] == 's')
            subresources.Add("status");
        if (cells[2] == "serviceaccounts")
            subresources.Add("token");
        var isVirtual = flags.Length > 4;
        var definition = new ResourceDefinition
        {
            Group = cells[0],
            Plural = cells[2],
            Singular = cells[3].ToLowerInvariant(),
            Kind = cells[3],
            ListKind = cells[3] + "List",
            ShortNames = [.. cells[4].Split(',', StringSplitOptions.RemoveEmptyEntries)],
            Categories = IsInAll(cells[0], cells[2]) ? ["all"] : cells[2] == "customresourcedefinitions" ? ["api-extensions"] : [],
            Namespaced = flags[0] == 'n',
            Versions =
            [
                new ResourceVersionDefinition
                {
                    Name = cells[1], Verbs = isVirtual ? ["create"] : AllVerbs, Subresources = subresources.ToImmutable(),
                        Schema = Schemas[cells[6]],
                },
            ],
        };
        return new ResourceKind(definition, translated ? events?.Table : null)
        {
            StorageKind = translated ? events! : null!,
            Rules = rules,
            IsVirtual = isVirtual,
            Names = NamesOf(cells[0], cells[2]),
            TracksGeneration = flags[2] == 'g',
            AllowsUnconditionalUpdate = flags[3] == 'u',
            Translation = translated ? (EventTranslation.ToModern, EventTranslation.ToCore) : null,
        };
    }

    private static bool IsInAll(string group, string plural) => plural is "services" or "pods" || group == "apps";

    private static NameRule NamesOf(string group, string plural) => plural switch
    {
        "services" => NameRule.Label1035,
        "namespaces" => NameRule.Label,
        _ => group == "rbac.authorization.k8s.io" ? NameRule.PathSegment : NameRule.Subdomain,
    };

    private static SortedDictionary<string, JsonObject> ReadSchemas()
    {
        var text = new SchemaText(MetadataSchema.Text, CoreSchemas.Text, WorkloadSchemas.Text, AccessSchemas.Text);
        var schemas = new SortedDictionary<string, JsonObject>(StringComparer.Ordinal);
        foreach (var line in Table.Split('\n'))
        {
            var name = line.Trim().Split('|')[6];
            schemas[name] = MetadataSchema.AddTo(text.Struct(name));
        }
        return schemas;
    }
}

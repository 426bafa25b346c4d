namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// The schemas of RBAC, of the questions about identities and permissions, and of webhook configurations, in the compact form.
/// </summary>
internal static class AccessSchemas
{
    /// <summary>The text; see SchemaText for the form.</summary>
    public const string Text =
        """
        type Role
          rules []PolicyRule @atomic : What is allowed.
        type ClusterRole
          rules []PolicyRule @atomic : What is allowed.
          aggregationRule AggregationRule : From which other cluster roles the rules are gathered.
        type AggregationRule
          clusterRoleSelectors []LabelSelector @atomic
        type PolicyRule
          verbs []string ! @atomic : The verbs, or * for all.
          apiGroups []string @atomic : The API groups; "" is core.
          resources []string @atomic : The resources, as in services or services/status.
          resourceNames []string @atomic : The only names for which it holds; empty for all.
          nonResourceURLs []string @atomic : Paths that are no resources.
        type RoleBinding
          subjects []Subject @atomic : Who is meant.
          roleRef RoleRef ! @atomic : The role that is granted.
        type Subject
          kind string ! : User, Group or ServiceAccount.
          apiGroup string
          name string !
          namespace string
        type RoleRef
          apiGroup string
          kind string !
          name string !
        type TokenReview
          spec TokenReviewSpec !
          status any
        type TokenReviewSpec
          token string : The bearer token to judge.
          audiences []string @atomic : The audiences for which it must be meant.
        type TokenRequest
          spec TokenRequestSpec
          status any
        type TokenRequestSpec
          audiences []string @atomic : The audiences of the token.
          expirationSeconds int64 : For how long it is good.
          boundObjectRef BoundObjectReference
        type BoundObjectReference
          kind string
          apiVersion string
          name string
          uid string
        type SelfSubjectReview
          status any
        type SubjectAccessReview
          spec SubjectAccessReviewSpec !
          status any
        type SubjectAccessReviewSpec
          resourceAttributes ResourceAttributes : The access to a resource in question.
          nonResourceAttributes NonResourceAttributes : The access to a path in question.
          user string
          groups []string @atomic
          extra any
          uid string
        type SelfSubjectAccessReview
          spec SelfSubjectAccessReviewSpec !
          status any
        type SelfSubjectAccessReviewSpec
          resourceAttributes ResourceAttributes
          nonResourceAttributes NonResourceAttributes
        type ResourceAttributes
          namespace string
          verb string
          group string
          version string
          resource string
          subresource string
          name string
          fieldSelector any
          labelSelector any
        type NonResourceAttributes
          path string
          verb string
        type SelfSubjectRulesReview
          spec SelfSubjectRulesReviewSpec !
          status any
        type SelfSubjectRulesReviewSpec
          namespace string
        type ValidatingWebhookConfiguration
          webhooks []ValidatingWebhook @map=name @merge=name : The webhooks and the resources and operations that they want to see.
        type ValidatingWebhook
          name string ! : The fully qualified name of the webhook.
          clientConfig WebhookClientConfig ! : How to reach the webhook.
          rules []RuleWithOperations @atomic : Which operations on which resources are meant.
          failurePolicy string =Fail : Fail or Ignore: what a webhook that cannot be asked means for the request.
          matchPolicy string =Equivalent : Exact or Equivalent: whether other versions of a resource are meant too.
          namespaceSelector LabelSelector ={} : In which namespaces.
          objectSelector LabelSelector ={} : Which objects.
          sideEffects string : None or NoneOnDryRun.
          timeoutSeconds int32 =10 : 1 to 30 seconds.
          admissionReviewVersions []string @atomic : The versions of AdmissionReview that are understood.
          matchConditions []MatchCondition @map=name @merge=name : Conditions that must all hold.
        type MutatingWebhookConfiguration
          webhooks []MutatingWebhook @map=name @merge=name
        type MutatingWebhook
          name string !
          clientConfig WebhookClientConfig !
          rules []RuleWithOperations @atomic
          failurePolicy string =Fail
          matchPolicy string =Equivalent
          namespaceSelector LabelSelector ={}
          objectSelector LabelSelector ={}
          sideEffects string
          timeoutSeconds int32 =10
          admissionReviewVersions []string @atomic
          reinvocationPolicy string =Never
          matchConditions []MatchCondition @map=name @merge=name
        type WebhookClientConfig
          url string?
          service ServiceReference
          caBundle bytes
        type ServiceReference
          namespace string
          name string
          path string?
          port int32 =443
        type RuleWithOperations
          operations []string @atomic
          apiGroups []string @atomic
          apiVersions []string @atomic
          resources []string @atomic
          scope string =*
        type MatchCondition
          name string !
          expression string !
        """;
}

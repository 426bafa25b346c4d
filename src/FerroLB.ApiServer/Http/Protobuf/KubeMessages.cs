namespace FerroLB.ApiServer.Http.Protobuf;

/// <summary>
/// The protocol buffer messages of the kinds that Go clients send in that form: for each message its fields with number, JSON name and
/// type. A type is string, int, bool, bytes (base64 in JSON), time, microtime, intstr, quantity, fields (JSON text), another message,
/// []TYPE or map[TYPE] by string. "?" marks a field that Go keeps behind a pointer, whose zero therefore counts; "inline" one whose fields
/// stand in the message around it.
/// </summary>
internal static class KubeMessages
{
    /// <summary>The table; a line that begins with a blank continues the one before.</summary>
    public const string Table =
        """
        ObjectMeta: 1 name string, 2 generateName string, 3 namespace string, 4 selfLink string, 5 uid string,
          6 resourceVersion string, 7 generation int, 8 creationTimestamp time, 9 deletionTimestamp time,
          10 deletionGracePeriodSeconds int?, 11 labels map[string], 12 annotations map[string],
          13 ownerReferences []OwnerReference, 14 finalizers []string, 17 managedFields []ManagedFieldsEntry
        OwnerReference: 5 apiVersion string, 1 kind string, 3 name string, 4 uid string, 6 controller bool?,
          7 blockOwnerDeletion bool?
        ManagedFieldsEntry: 1 manager string, 2 operation string, 3 apiVersion string, 4 time time, 6 fieldsType string,
          7 fieldsV1 fields, 8 subresource string
        LabelSelector: 1 matchLabels map[string], 2 matchExpressions []LabelSelectorRequirement
        LabelSelectorRequirement: 1 key string, 2 operator string, 3 values []string
        DeleteOptions: 1 gracePeriodSeconds int?, 2 preconditions Preconditions, 3 orphanDependents bool?,
          4 propagationPolicy string?, 5 dryRun []string
        Preconditions: 1 uid string?, 2 resourceVersion string?
        Condition: 1 type string, 2 status string, 3 observedGeneration int, 4 lastTransitionTime time, 5 reason string,
          6 message string
        Namespace: 1 metadata ObjectMeta, 2 spec NamespaceSpec, 3 status NamespaceStatus
        NamespaceSpec: 1 finalizers []string
        NamespaceStatus: 1 phase string, 2 conditions []NamespaceCondition
        NamespaceCondition: 1 type string, 2 status string, 4 lastTransitionTime time, 5 reason string, 6 message string
        ConfigMap: 1 metadata ObjectMeta, 4 immutable bool?, 2 data map[string], 3 binaryData map[bytes]
        Secret: 1 metadata ObjectMeta, 5 immutable bool?, 2 data map[bytes], 4 stringData map[string], 3 type string
        ServiceAccount: 1 metadata ObjectMeta, 2 secrets []ObjectReference, 3 imagePullSecrets []LocalObjectReference,
          4 automountServiceAccountToken bool?
        ObjectReference: 1 kind string, 2 namespace string, 3 name string, 4 uid string, 5 apiVersion string,
          6 resourceVersion string, 7 fieldPath string
        LocalObjectReference: 1 name string
        Service: 1 metadata ObjectMeta, 2 spec ServiceSpec, 3 status ServiceStatus
        ServiceSpec: 1 ports []ServicePort, 2 selector map[string], 3 clusterIP string, 18 clusterIPs []string, 4 type string,
          5 externalIPs []string, 7 sessionAffinity string, 8 loadBalancerIP string, 9 loadBalancerSourceRanges []string,
          10 externalName string, 11 externalTrafficPolicy string, 12 healthCheckNodePort int, 13 publishNotReadyAddresses bool,
          14 sessionAffinityConfig SessionAffinityConfig, 19 ipFamilies []string, 17 ipFamilyPolicy string?,
          20 allocateLoadBalancerNodePorts bool?, 21 loadBalancerClass string?, 22 internalTrafficPolicy string?,
          23 trafficDistribution string?
        ServicePort: 1 name string, 2 protocol string, 6 appProtocol string?, 3 port int, 4 targetPort intstr, 5 nodePort int
        ServiceStatus: 1 loadBalancer LoadBalancerStatus, 2 conditions []Condition
        LoadBalancerStatus: 1 ingress []LoadBalancerIngress
        LoadBalancerIngress: 1 ip string, 2 hostname string, 3 ipMode string?
        SessionAffinityConfig: 1 clientIP ClientIPConfig
        ClientIPConfig: 1 timeoutSeconds int?
        Event: 1 metadata ObjectMeta, 2 involvedObject ObjectReference, 3 reason string, 4 message string, 5 source EventSource,
          6 firstTimestamp time, 7 lastTimestamp time, 8 count int, 9 type string, 10 eventTime microtime, 11 series EventSeries,
          12 action string, 13 related ObjectReference, 14 reportingComponent string, 15 reportingInstance string
        EventSource: 1 component string, 2 host string
        EventSeries: 1 count int, 2 lastObservedTime microtime
        Node: 1 metadata ObjectMeta, 2 spec NodeSpec, 3 status NodeStatus
        NodeSpec: 1 podCIDR string, 7 podCIDRs []string, 3 providerID string, 4 unschedulable bool, 5 taints []Taint,
          2 externalID string
        Taint: 1 key string, 2 value string, 3 effect string, 4 timeAdded time
        NodeStatus: 1 capacity map[quantity], 2 allocatable map[quantity], 3 phase string, 4 conditions []NodeCondition,
          5 addresses []NodeAddress, 7 nodeInfo NodeSystemInfo, 9 volumesInUse []string
        NodeCondition: 1 type string, 2 status string, 3 lastHeartbeatTime time, 4 lastTransitionTime time, 5 reason string,
          6 message string
        NodeAddress: 1 type string, 2 address string
        NodeSystemInfo: 1 machineID string, 2 systemUUID string, 3 bootID string, 4 kernelVersion string, 5 osImage string,
          6 containerRuntimeVersion string, 7 kubeletVersion string, 8 kubeProxyVersion string, 9 operatingSystem string,
          10 architecture string
        Pod: 1 metadata ObjectMeta, 2 spec PodSpec, 3 status PodStatus
        PodStatus: 1 phase string, 3 message string, 4 reason string, 11 nominatedNodeName string, 5 hostIP string,
          6 podIP string, 7 startTime time, 9 qosClass string
        PodTemplateSpec: 1 metadata ObjectMeta, 2 spec PodSpec
        PodSpec: 1 volumes []Volume, 20 initContainers []Container, 2 containers []Container, 3 restartPolicy string,
          4 terminationGracePeriodSeconds int?, 5 activeDeadlineSeconds int?, 6 dnsPolicy string, 7 nodeSelector map[string],
          8 serviceAccountName string, 9 serviceAccount string, 21 automountServiceAccountToken bool?, 10 nodeName string,
          11 hostNetwork bool, 12 hostPID bool, 13 hostIPC bool, 27 shareProcessNamespace bool?,
          14 securityContext PodSecurityContext, 15 imagePullSecrets []LocalObjectReference, 16 hostname string,
          17 subdomain string, 19 schedulerName string, 22 tolerations []Toleration, 24 priorityClassName string,
          25 priority int?, 29 runtimeClassName string?, 30 enableServiceLinks bool?, 31 preemptionPolicy string?,
          32 overhead map[quantity], 35 setHostnameAsFQDN bool?, 37 hostUsers bool?
        Container: 1 name string, 2 image string, 3 command []string, 4 args []string, 5 workingDir string,
          6 ports []ContainerPort, 19 envFrom []EnvFromSource, 7 env []EnvVar, 8 resources ResourceRequirements,
          9 volumeMounts []VolumeMount, 10 livenessProbe Probe, 11 readinessProbe Probe, 22 startupProbe Probe,
          12 lifecycle Lifecycle, 13 terminationMessagePath string, 20 terminationMessagePolicy string, 14 imagePullPolicy string,
          15 securityContext SecurityContext, 16 stdin bool, 17 stdinOnce bool, 18 tty bool, 24 restartPolicy string?
        ContainerPort: 1 name string, 2 hostPort int, 3 containerPort int, 4 protocol string, 5 hostIP string
        EnvVar: 1 name string, 2 value string, 3 valueFrom EnvVarSource
        EnvVarSource: 1 fieldRef ObjectFieldSelector, 3 configMapKeyRef ConfigMapKeySelector, 4 secretKeyRef SecretKeySelector
        ObjectFieldSelector: 1 apiVersion string, 2 fieldPath string
        ConfigMapKeySelector: 1 localObjectReference inline LocalObjectReference, 2 key string, 3 optional bool?
        SecretKeySelector: 1 localObjectReference inline LocalObjectReference, 2 key string, 3 optional bool?
        EnvFromSource: 1 prefix string, 2 configMapRef ConfigMapEnvSource, 3 secretRef SecretEnvSource
        ConfigMapEnvSource: 1 localObjectReference inline LocalObjectReference, 2 optional bool?
        SecretEnvSource: 1 localObjectReference inline LocalObjectReference, 2 optional bool?
        ResourceRequirements: 1 limits map[quantity], 2 requests map[quantity]
        VolumeMount: 1 name string, 2 readOnly bool, 3 mountPath string, 4 subPath string, 5 mountPropagation string?,
          6 subPathExpr string
        Volume: 1 name string, 2 volumeSource inline VolumeSource
        VolumeSource: 1 hostPath HostPathVolumeSource, 2 emptyDir EmptyDirVolumeSource, 6 secret SecretVolumeSource,
          19 configMap ConfigMapVolumeSource
        HostPathVolumeSource: 1 path string, 2 type string?
        EmptyDirVolumeSource: 1 medium string, 2 sizeLimit quantity
        SecretVolumeSource: 1 secretName string, 2 items []KeyToPath, 3 defaultMode int?, 4 optional bool?
        ConfigMapVolumeSource: 1 localObjectReference inline LocalObjectReference, 2 items []KeyToPath, 3 defaultMode int?,
          4 optional bool?
        KeyToPath: 1 key string, 2 path string, 3 mode int?
        Probe: 1 handler inline Handler, 2 initialDelaySeconds int, 3 timeoutSeconds int, 4 periodSeconds int,
          5 successThreshold int, 6 failureThreshold int, 7 terminationGracePeriodSeconds int?
        Handler: 1 exec ExecAction, 2 httpGet HTTPGetAction, 3 tcpSocket TCPSocketAction
        ExecAction: 1 command []string
        HTTPGetAction: 1 path string, 2 port intstr, 3 host string, 4 scheme string, 5 httpHeaders []HTTPHeader
        HTTPHeader: 1 name string, 2 value string
        TCPSocketAction: 1 port intstr, 2 host string
        Lifecycle: 1 postStart Handler, 2 preStop Handler
        SecurityContext: 1 capabilities Capabilities, 2 privileged bool?, 4 runAsUser int?, 8 runAsGroup int?,
          5 runAsNonRoot bool?, 6 readOnlyRootFilesystem bool?, 7 allowPrivilegeEscalation bool?, 9 procMount string?
        Capabilities: 1 add []string, 2 drop []string
        PodSecurityContext: 2 runAsUser int?, 6 runAsGroup int?, 3 runAsNonRoot bool?, 4 supplementalGroups []int, 5 fsGroup int?,
          9 fsGroupChangePolicy string?
        Toleration: 1 key string, 2 operator string, 3 value string, 4 effect string, 5 tolerationSeconds int?
        Deployment: 1 metadata ObjectMeta, 2 spec DeploymentSpec, 3 status DeploymentStatus
        DeploymentSpec: 1 replicas int?, 2 selector LabelSelector, 3 template PodTemplateSpec, 4 strategy DeploymentStrategy,
          5 minReadySeconds int, 6 revisionHistoryLimit int?, 7 paused bool, 9 progressDeadlineSeconds int?
        DeploymentStatus: 1 observedGeneration int, 2 replicas int, 3 updatedReplicas int, 7 readyReplicas int,
          4 availableReplicas int, 5 unavailableReplicas int, 8 collisionCount int?
        DeploymentStrategy: 1 type string, 2 rollingUpdate RollingUpdateDeployment
        RollingUpdateDeployment: 1 maxUnavailable intstr, 2 maxSurge intstr
        DaemonSet: 1 metadata ObjectMeta, 2 spec DaemonSetSpec, 3 status DaemonSetStatus
        DaemonSetSpec: 1 selector LabelSelector, 2 template PodTemplateSpec, 3 updateStrategy DaemonSetUpdateStrategy,
          4 minReadySeconds int, 6 revisionHistoryLimit int?
        DaemonSetStatus: 1 currentNumberScheduled int, 2 numberMisscheduled int, 3 desiredNumberScheduled int, 4 numberReady int,
          5 observedGeneration int, 6 updatedNumberScheduled int, 7 numberAvailable int, 8 numberUnavailable int,
          9 collisionCount int?
        DaemonSetUpdateStrategy: 1 type string, 2 rollingUpdate RollingUpdateDaemonSet
        RollingUpdateDaemonSet: 1 maxUnavailable intstr
        ReplicaSet: 1 metadata ObjectMeta, 2 spec ReplicaSetSpec, 3 status ReplicaSetStatus
        ReplicaSetSpec: 1 replicas int?, 4 minReadySeconds int, 2 selector LabelSelector, 3 template PodTemplateSpec
        ReplicaSetStatus: 1 replicas int, 2 fullyLabeledReplicas int, 4 readyReplicas int, 5 availableReplicas int,
          3 observedGeneration int
        Lease: 1 metadata ObjectMeta, 2 spec LeaseSpec
        LeaseSpec: 1 holderIdentity string?, 2 leaseDurationSeconds int?, 3 acquireTime microtime, 4 renewTime microtime,
          5 leaseTransitions int?, 6 strategy string?, 7 preferredHolder string?
        Role: 1 metadata ObjectMeta, 2 rules []PolicyRule
        ClusterRole: 1 metadata ObjectMeta, 2 rules []PolicyRule, 3 aggregationRule AggregationRule
        PolicyRule: 1 verbs []string, 2 apiGroups []string, 3 resources []string, 4 resourceNames []string,
          5 nonResourceURLs []string
        AggregationRule: 1 clusterRoleSelectors []LabelSelector
        RoleBinding: 1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef
        ClusterRoleBinding: 1 metadata ObjectMeta, 2 subjects []Subject, 3 roleRef RoleRef
        RoleRef: 1 apiGroup string, 2 kind string, 3 name string
        Subject: 1 kind string, 2 apiGroup string, 3 name string, 4 namespace string
        TokenReview: 1 metadata ObjectMeta, 2 spec TokenReviewSpec
        TokenReviewSpec: 1 token string, 2 audiences []string
        TokenRequest: 1 metadata ObjectMeta, 2 spec TokenRequestSpec, 3 status TokenRequestStatus
        TokenRequestSpec: 1 audiences []string, 4 expirationSeconds int?, 3 boundObjectRef BoundObjectReference
        TokenRequestStatus: 1 token string, 2 expirationTimestamp time
        BoundObjectReference: 1 kind string, 2 apiVersion string, 3 name string, 4 uid string
        UserInfo: 1 username string, 2 uid string, 3 groups []string
        SelfSubjectReview: 1 metadata ObjectMeta, 2 status SelfSubjectReviewStatus
        SelfSubjectReviewStatus: 1 userInfo UserInfo
        SubjectAccessReview: 1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
        LocalSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
        SubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes,
          3 user string, 4 groups []string, 6 uid string
        SubjectAccessReviewStatus: 1 allowed bool, 4 denied bool, 2 reason string, 3 evaluationError string
        SelfSubjectAccessReview: 1 metadata ObjectMeta, 2 spec SelfSubjectAccessReviewSpec, 3 status SubjectAccessReviewStatus
        SelfSubjectAccessReviewSpec: 1 resourceAttributes ResourceAttributes, 2 nonResourceAttributes NonResourceAttributes
        ResourceAttributes: 1 namespace string, 2 verb string, 3 group string, 4 version string, 5 resource string,
          6 subresource string, 7 name string
        NonResourceAttributes: 1 path string, 2 verb string
        SelfSubjectRulesReview: 1 metadata ObjectMeta, 2 spec SelfSubjectRulesReviewSpec, 3 status SubjectRulesReviewStatus
        SelfSubjectRulesReviewSpec: 1 namespace string
        SubjectRulesReviewStatus: 3 incomplete bool, 4 evaluationError string
        ValidatingWebhookConfiguration: 1 metadata ObjectMeta, 2 webhooks []ValidatingWebhook
        ValidatingWebhook: 1 name string, 2 clientConfig WebhookClientConfig, 3 rules []RuleWithOperations, 4 failurePolicy string?,
          9 matchPolicy string?, 5 namespaceSelector LabelSelector, 10 objectSelector LabelSelector, 6 sideEffects string?,
          7 timeoutSeconds int?, 8 admissionReviewVersions []string, 11 matchConditions []MatchCondition
        MutatingWebhookConfiguration: 1 metadata ObjectMeta, 2 webhooks []MutatingWebhook
        MutatingWebhook: 1 name string, 2 clientConfig WebhookClientConfig, 3 rules []RuleWithOperations, 4 failurePolicy string?,
          9 matchPolicy string?, 5 namespaceSelector LabelSelector, 11 objectSelector LabelSelector, 6 sideEffects string?,
          7 timeoutSeconds int?, 8 admissionReviewVersions []string, 10 reinvocationPolicy string?,
          12 matchConditions []MatchCondition
        WebhookClientConfig: 3 url string?, 1 service ServiceReference, 2 caBundle bytes
        ServiceReference: 1 namespace string, 2 name string, 3 path string?, 4 port int?
        RuleWithOperations: 1 operations []string, 2 rule inline Rule
        Rule: 1 apiGroups []string, 2 apiVersions []string, 3 resources []string, 4 scope string?
        MatchCondition: 1 name string, 2 expression string
        EventV1: 1 metadata ObjectMeta, 2 eventTime microtime, 3 series EventSeries, 4 reportingController string,
          5 reportingInstance string, 6 action string, 7 reason string, 8 regarding ObjectReference, 9 related ObjectReference,
          10 note string, 11 type string, 12 deprecatedSource EventSource, 13 deprecatedFirstTimestamp time,
          14 deprecatedLastTimestamp time, 15 deprecatedCount int
        EndpointSlice: 1 metadata ObjectMeta, 4 addressType string, 2 endpoints []Endpoint, 3 ports []EndpointPort
        Endpoint: 1 addresses []string, 2 conditions EndpointConditions, 3 hostname string?, 4 targetRef ObjectReference,
          6 nodeName string?, 5 deprecatedTopology map[string], 7 zone string?
        EndpointConditions: 1 ready bool?, 2 serving bool?, 3 terminating bool?
        EndpointPort: 1 name string?, 2 protocol string?, 3 port int?, 4 appProtocol string?
        PriorityClass: 1 metadata ObjectMeta, 2 value int, 3 globalDefault bool, 4 description string, 5 preemptionPolicy string?
        """;
}

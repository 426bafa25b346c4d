namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>
/// The schemas of the kinds in group "" other than Pod, and of those in discovery, coordination and events, in the compact form.
/// </summary>
internal static class CoreSchemas
{
    /// <summary>The text; see SchemaText for the form.</summary>
    public const string Text =
        """
        type Service
          spec ServiceSpec : The behaviour of the service.
          status ServiceStatus ={} : The most recently observed status of the service.
        type ServiceSpec
          ports []ServicePort @map=port,protocol @merge=port : The ports that are exposed by this service.
          selector map[string] @atomic : Route traffic to pods with labels matching this selector.
          clusterIP string : The IP address of the service, usually assigned by the server.
          clusterIPs []string @atomic : The IP addresses of the service, one per family.
          type string =ClusterIP : ExternalName, ClusterIP, NodePort or LoadBalancer.
          externalIPs []string @atomic : Addresses for which nodes also accept traffic.
          sessionAffinity string =None : ClientIP or None.
          loadBalancerIP string : Deprecated: the address wanted from the load balancer.
          loadBalancerSourceRanges []string @atomic : Client ranges that may use the load balancer.
          externalName string : The name that a CNAME record for this service points to.
          externalTrafficPolicy string : Cluster or Local: how external traffic is routed to endpoints.
          healthCheckNodePort int32 : The health check port when externalTrafficPolicy is Local.
          publishNotReadyAddresses bool : Publish endpoints even if they are not ready.
          sessionAffinityConfig SessionAffinityConfig : Settings of session affinity.
          ipFamilies []string @atomic : The IP families assigned to the service.
          ipFamilyPolicy string : SingleStack, PreferDualStack or RequireDualStack.
          allocateLoadBalancerNodePorts bool : Whether node ports are allocated for a load balancer.
          loadBalancerClass string? : Which load balancer implementation serves this service.
          internalTrafficPolicy string : Cluster or Local: how traffic to the cluster IP is routed.
          trafficDistribution string? : A preference for how traffic is distributed to endpoints.
        type ServicePort
          name string : The name of this port within the service.
          protocol string =TCP : TCP, UDP or SCTP.
          appProtocol string? : The application protocol of this port.
          port int32 ! : The port that is exposed by this service.
          targetPort intstr : Number or name of the port on the pods.
          nodePort int32 : The port on each node.
        type SessionAffinityConfig
          clientIP ClientIPConfig
        type ClientIPConfig
          timeoutSeconds int32
        type ServiceStatus
          loadBalancer LoadBalancerStatus ={} : The current status of the load balancer.
          conditions []Condition @map=type @merge=type : The current service state.
        type LoadBalancerStatus
          ingress []LoadBalancerIngress @atomic : The ingress points of the load balancer.
        type LoadBalancerIngress
          ip string
          hostname string
          ipMode string?
          ports []PortStatus @atomic
        type PortStatus
          port int32
          protocol string
          error string
        type Condition
          type string !
          status string !
          observedGeneration int64
          lastTransitionTime time
          reason string
          message string
        type Namespace
          spec NamespaceSpec ={}
          status NamespaceStatus ={}
        type NamespaceSpec
          finalizers []string @atomic
        type NamespaceStatus
          phase string : Active or Terminating.
          conditions []Condition @map=type @merge=type
        type Node
          spec NodeSpec ={}
          status NodeStatus ={}
        type NodeSpec
          podCIDR string
          podCIDRs []string @set @merge
          providerID string
          externalID string
          unschedulable bool
          taints []Taint @atomic
          configSource any
        type Taint
          key string !
          value string
          effect string !
          timeAdded time
        type NodeStatus
          capacity map[quantity]
          allocatable map[quantity]
          phase string
          conditions []NodeCondition @map=type @merge=type
          addresses []NodeAddress @map=type @merge=type
          daemonEndpoints any
          nodeInfo any
          images []any @atomic
          volumesInUse []string @atomic
          volumesAttached []any @atomic
          config any
          runtimeHandlers []any @atomic
          features any
        type NodeCondition
          type string !
          status string !
          lastHeartbeatTime time
          lastTransitionTime time
          reason string
          message string
        type NodeAddress
          type string !
          address string !
        type Secret
          immutable bool
          data map[bytes] : Base64-encoded values.
          stringData map[string] : Write-only plain values, which are merged into data.
          type string =Opaque : The kind of secret.
        type ConfigMap
          immutable bool
          data map[string] : Text values.
          binaryData map[bytes] : Base64-encoded values.
        type ServiceAccount
          secrets []ObjectReference @map=name @merge=name
          imagePullSecrets []LocalObjectReference @atomic @merge=name
          automountServiceAccountToken bool
        type LocalObjectReference
          name string
        type ObjectReference
          kind string
          namespace string
          name string
          uid string
          apiVersion string
          resourceVersion string
          fieldPath string
        type Endpoints
          subsets []EndpointSubset @atomic
        type EndpointSubset
          addresses []EndpointAddress @atomic
          notReadyAddresses []EndpointAddress @atomic
          ports []EndpointsPort @atomic
        type EndpointAddress
          ip string !
          hostname string
          nodeName string?
          targetRef ObjectReference
        type EndpointsPort
          name string
          port int32 !
          protocol string =TCP
          appProtocol string?
        type Event
          involvedObject ObjectReference ={}
          reason string
          message string
          source EventSource ={}
          firstTimestamp time
          lastTimestamp time
          count int32
          type string
          eventTime microtime
          series EventSeries
          action string
          related ObjectReference
          reportingComponent string
          reportingInstance string
        type EventSource
          component string
          host string
        type EventSeries
          count int32
          lastObservedTime microtime
        type EventV1
          eventTime microtime
          series EventSeries
          reportingController string
          reportingInstance string
          action string
          reason string
          regarding ObjectReference
          related ObjectReference
          note string
          type string
          deprecatedSource EventSource
          deprecatedFirstTimestamp time
          deprecatedLastTimestamp time
          deprecatedCount int32
        type EndpointSlice
          addressType string ! : IPv4, IPv6 or FQDN.
          endpoints []Endpoint @atomic
          ports []EndpointPort @atomic
        type Endpoint
          addresses []string ! @set
          conditions EndpointConditions
          hostname string?
          targetRef ObjectReference
          deprecatedTopology map[string]
          nodeName string?
          zone string?
          hints any
        type EndpointConditions
          ready bool
          serving bool
          terminating bool
        type EndpointPort
          name string?
          protocol string
          port int32
          appProtocol string?
        type Lease
          spec LeaseSpec
        type LeaseSpec
          holderIdentity string?
          leaseDurationSeconds int32
          acquireTime microtime
          renewTime microtime
          leaseTransitions int32
          strategy string?
          preferredHolder string?
        """;
}

namespace FerroLB.ApiServer.Store.Kinds;

/// <summary>The schemas of Pod, of the kinds in group apps, and of the kinds that are only stored, in the compact form.</summary>
internal static class WorkloadSchemas
{
    /// <summary>The text; see SchemaText for the form.</summary>
    public const string Text =
        """
        type Pod
          spec PodSpec
          status PodStatus ={}
        type PodTemplateSpec
          metadata ObjectMeta
          spec PodSpec
        type PodSpec
          volumes []Volume @map=name @merge=name
          initContainers []Container @map=name @merge=name
          containers []Container ! @map=name @merge=name
          ephemeralContainers []Container @map=name @merge=name
          restartPolicy string =Always
          terminationGracePeriodSeconds int64 =30
          activeDeadlineSeconds int64
          dnsPolicy string =ClusterFirst
          nodeSelector map[string] @atomic
          serviceAccountName string
          serviceAccount string
          automountServiceAccountToken bool
          nodeName string
          hostNetwork bool
          hostPID bool
          hostIPC bool
          shareProcessNamespace bool
          securityContext any ={}
          imagePullSecrets []LocalObjectReference @map=name @merge=name
          hostname string
          subdomain string
          affinity any
          schedulerName string =default-scheduler
          tolerations []Toleration @atomic
          hostAliases []any @atomic
          priorityClassName string
          priority int32
          dnsConfig any
          readinessGates []any @atomic
          runtimeClassName string?
          enableServiceLinks bool
          preemptionPolicy string
          overhead map[quantity]
          topologySpreadConstraints []any @atomic
          setHostnameAsFQDN bool
          os any
          hostUsers bool
          schedulingGates []any @atomic
          resourceClaims []any @atomic
          resources any
          hostnameOverride string?
        type Toleration
          key string
          operator string
          value string
          effect string
          tolerationSeconds int64
        type Volume
          name string !
          hostPath HostPath
          emptyDir any
          secret SecretVolume
          configMap ConfigMapVolume
          projected any
          downwardAPI any
          persistentVolumeClaim any
          csi any
          ephemeral any
          nfs any
          iscsi any
          fc any
          image any
          gcePersistentDisk any
          awsElasticBlockStore any
          gitRepo any
          glusterfs any
          rbd any
          flexVolume any
          cinder any
          cephfs any
          flocker any
          azureFile any
          azureDisk any
          vsphereVolume any
          quobyte any
          photonPersistentDisk any
          portworxVolume any
          scaleIO any
          storageos any
        type HostPath
          path string !
          type string?
        type SecretVolume
          secretName string
          items []any @atomic
          defaultMode int32 =420
          optional bool
        type ConfigMapVolume
          name string
          items []any @atomic
          defaultMode int32 =420
          optional bool
        type Container
          name string !
          image string
          command []string @atomic
          args []string @atomic
          workingDir string
          ports []ContainerPort @map=containerPort,protocol @merge=containerPort
          envFrom []any @atomic
          env []EnvVar @map=name @merge=name
          resources ResourceRequirements ={}
          resizePolicy []any @atomic
          restartPolicy string?
          restartPolicyRules []any @atomic
          volumeMounts []VolumeMount @map=mountPath @merge=mountPath
          volumeDevices []any @atomic
          livenessProbe Probe
          readinessProbe Probe
          startupProbe Probe
          lifecycle any
          terminationMessagePath string =/dev/termination-log
          terminationMessagePolicy string =File
          imagePullPolicy string
          securityContext any
          stdin bool
          stdinOnce bool
          tty bool
          targetContainerName string
        type ContainerPort
          name string
          hostPort int32
          containerPort int32 !
          protocol string =TCP
          hostIP string
        type EnvVar
          name string !
          value string
          valueFrom any
        type ResourceRequirements
          limits map[quantity]
          requests map[quantity]
          claims []any @atomic
        type VolumeMount
          name string !
          readOnly bool
          recursiveReadOnly string?
          mountPath string !
          subPath string
          mountPropagation string?
          subPathExpr string
        type Probe
          exec any
          httpGet any
          tcpSocket any
          grpc any
          initialDelaySeconds int32
          timeoutSeconds int32 =1
          periodSeconds int32 =10
          successThreshold int32 =1
          failureThreshold int32 =3
          terminationGracePeriodSeconds int64
        type PodStatus
          observedGeneration int64
          phase string
          conditions []PodCondition @map=type @merge=type
          message string
          reason string
          nominatedNodeName string
          hostIP string
          hostIPs []IPHolder @atomic @merge=ip
          podIP string
          podIPs []IPHolder @map=ip @merge=ip
          startTime time
          initContainerStatuses []any @atomic
          containerStatuses []any @atomic
          qosClass string
          ephemeralContainerStatuses []any @atomic
          resize string
          resourceClaimStatuses []any @atomic
        type IPHolder
          ip string
        type PodCondition
          type string !
          status string !
          observedGeneration int64
          lastProbeTime time
          lastTransitionTime time
          reason string
          message string
        type LabelSelector
          matchLabels map[string]
          matchExpressions []LabelSelectorRequirement @atomic
        type LabelSelectorRequirement
          key string !
          operator string !
          values []string @atomic
        type Deployment
          spec DeploymentSpec
          status any ={}
        type DeploymentSpec
          replicas int32 =1
          selector LabelSelector ! @atomic
          template PodTemplateSpec !
          strategy Strategy ={} @retain
          minReadySeconds int32
          revisionHistoryLimit int32 =10
          paused bool
          progressDeadlineSeconds int32 =600
        type Strategy
          type string =RollingUpdate
          rollingUpdate RollingUpdate
        type RollingUpdate
          maxUnavailable intstr
          maxSurge intstr
        type DaemonSet
          spec DaemonSetSpec
          status any ={}
        type DaemonSetSpec
          selector LabelSelector ! @atomic
          template PodTemplateSpec !
          updateStrategy Strategy ={}
          minReadySeconds int32
          revisionHistoryLimit int32 =10
        type ReplicaSet
          spec ReplicaSetSpec
          status any ={}
        type ReplicaSetSpec
          replicas int32 =1
          minReadySeconds int32
          selector LabelSelector ! @atomic
          template PodTemplateSpec
        type Stored
          spec any
          status any
        type IngressClass
          spec any
        type PriorityClass
          value int32
          globalDefault bool
          description string
          preemptionPolicy string
        type CustomResourceDefinition
          spec CustomResourceDefinitionSpec !
          status CustomResourceDefinitionStatus ={}
        type CustomResourceDefinitionSpec
          group string ! : The API group of the defined custom resource.
          names CustomResourceDefinitionNames ! : The resource and kind names.
          scope string ! : Cluster or Namespaced.
          versions []CustomResourceDefinitionVersion ! @atomic : All versions of the custom resource.
          conversion CustomResourceConversion : How objects are converted between versions.
          preserveUnknownFields bool
        type CustomResourceDefinitionNames
          plural string !
          singular string
          shortNames []string @atomic
          kind string !
          listKind string
          categories []string @atomic
        type CustomResourceDefinitionVersion
          name string !
          served bool !
          storage bool !
          deprecated bool
          deprecationWarning string?
          schema CustomResourceValidation
          subresources any
          additionalPrinterColumns []CustomResourceColumnDefinition @atomic
          selectableFields []any @atomic
        type CustomResourceValidation
          openAPIV3Schema any
        type CustomResourceColumnDefinition
          name string !
          type string !
          format string
          description string
          priority int32
          jsonPath string !
        type CustomResourceConversion
          strategy string !
          webhook any
        type CustomResourceDefinitionStatus
          conditions []Condition @map=type
          acceptedNames any
          storedVersions []string @atomic
          observedGeneration int64
        """;
}

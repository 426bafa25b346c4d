using System;
using System.Collections.Generic;
using FerroLB.ApiServer.Store;
using FerroLB.Lab.World;
using FerroLB.Lab.Workloads;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Cluster;

/// <summary>
/// The kubelets and the node controller: makes the Node objects and the speakers' Pods, and says some seconds after a speaker died that its
/// node is not ready, and after it came back that it is. Speakers without membership take each other's liveness from there.
/// </summary>
public sealed class NodeLifecycle(VirtualWorld world, ApiFront api) : IEventTarget
{
    private const int BecomeReady = 1;
    private const int BecomeNotReady = 2;

    private readonly SortedDictionary<string, int> _generation = new(StringComparer.Ordinal);

    /// <summary>How long it takes until a dead node is said to be dead.</summary>
    public TimeSpan NotReadyDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long it takes until a living node is said to live.</summary>
    public TimeSpan ReadyDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Makes the Node object, and the Pod of the speaker on it, which outlives the death of its process.</summary>
    public void Register(string node, string zone, IpAddress address)
    {
        api.Do(new ApiRequest { Verb = ApiVerb.Create, Resource = "nodes", Body = LabObjects.Node(node, zone) }, "kubelet");
        var pod = new ApiRequest
        {
            Verb = ApiVerb.Create,
            Resource = "pods",
            Namespace = LabObjects.SystemNamespace,
            Body = LabObjects.SpeakerPod(node),
        };
        api.Do(pod, "kubelet");
        api.Do(
            pod with
            {
                Verb = ApiVerb.Patch,
                Name = LabObjects.SpeakerPodName(node),
                Subresource = "status",
                ContentType = "application/merge-patch+json",
                Body = LabObjects.PodRunning(address.ToString()),
            },
            "kubelet");
    }

    /// <summary>The node's process was started.</summary>
    public void Started(string node) => Expect(node, ReadyDelay, BecomeReady);

    /// <summary>The node's process died.</summary>
    public void Died(string node) => Expect(node, NotReadyDelay, BecomeNotReady);

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        var (node, generation) = ((string, int))payload!;
        if (_generation[node] != generation)
            return;
        if (api.IsAway)
        {
            world.After(TimeSpan.FromSeconds(1), this, code, payload);
            return;
        }
        api.Do(
            new ApiRequest
            {
                Verb = ApiVerb.Patch,
                Resource = "nodes",
                Name = node,
                Subresource = "status",
                ContentType = "application/merge-patch+json",
                Body = LabObjects.NodeReady(code == BecomeReady),
            },
            "kubelet");
    }

    private void Expect(string node, TimeSpan delay, int code)
    {
        var generation = _generation[node] = _generation.GetValueOrDefault(node) + 1;
        world.After(delay, this, code, (node, generation));
    }
}

using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Watch;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// The Pod that the process runs in, as the owner of objects that shall go with it. It is asked for once; a process that has none, or may
/// not read it, goes on without an owner.
/// </summary>
internal sealed class OwnPod(ObjectKey key, WriteQueue writes, StringTable strings)
{
    private bool _isAsked;

    /// <summary>Whether the answer is there, or none is needed.</summary>
    public bool IsSettled { get; private set; } = key.Name.Length == 0;

    /// <summary>The Pod; null while it is not known, or when there is none.</summary>
    public ObjectReference? Reference { get; private set; }

    private string Target => $"pods/{key}/own";

    /// <summary>Asks the API server, the first time that it is called.</summary>
    public void Ask(Instant now)
    {
        if (IsSettled || _isAsked)
            return;
        _isAsked = true;
        writes.Handle(new WriteInput.Submitted(Target, new KubeRequest
        {
            Id = 0,
            Verb = KubeVerb.Get,
            Resource = KubeResource.Pods,
            Namespace = key.Namespace,
            Name = key.Name,
        }), now);
    }

    /// <summary>Takes the answer, if it is one to <see cref="Ask"/>.</summary>
    public bool Complete(WriteOutput.Complete complete)
    {
        if (complete.Target != Target)
            return false;
        IsSettled = true;
        if (complete.Result == WriteResult.Written && KubeKinds.Pods.ReadObject(complete.Response!.Body, strings, out _) is { } pod &&
            pod.Key == key && pod.Metadata.Uid is { } uid)
            Reference = new ObjectReference(KubeResource.Pods, key, uid, null);
        return true;
    }
}

using System.Collections.Generic;
using System.Text;
using FerroLB.Core.Kube;
using FerroLB.Core.Kube.Json;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Makes the memberlist Secret if there is none: looks for it, then for the Deployment that is to own it, then creates it. An existing one
/// is left as it is, whatever it holds, for speakers use it already. What fails is said and tried again; the controller's other work goes
/// on.
/// </summary>
internal sealed class MemberlistSecret(
    MemberlistOptions options, string ns, RequestIds ids, StringTable strings, Queue<NodeOutput> outputs, string fieldManager)
{
    private const string DataKey = "secretkey";

    private readonly RepeatedRequest _request = new(ids, outputs);
    private Step _step = Step.Looking;
    private ObjectReference? _owner;

    private enum Step
    {
        Looking,
        Owning,
        Creating,
        Done,
    }

    /// <summary>Whether the Secret exists.</summary>
    public bool IsPresent => _step == Step.Done;

    /// <summary>Why the last attempt failed; "" when it did not.</summary>
    public string Problem { get; private set; } = "";

    /// <summary>When <see cref="Advance"/> has something to do.</summary>
    public Instant? NextDeadline => _step == Step.Done ? null : _request.NextDeadline;

    private ObjectKey Key => new(ns, options.SecretName);

    /// <summary>Whether an answer belongs here.</summary>
    public bool Owns(long requestId) => _request.Owns(requestId);

    /// <summary>Sends the next request when it is due.</summary>
    public void Advance(Instant now)
    {
        if (_step == Step.Done || !_request.IsDue(now))
            return;
        _request.Send(
            _step switch
            {
                Step.Looking => Get(KubeResource.Secrets, options.SecretName),
                Step.Owning => Get(KubeResource.Deployments, options.Deployment),
                _ => Create(),
            },
            now);
    }

    /// <summary>Takes an answer.</summary>
    public void Handle(KubeResponse response, Instant now)
    {
        switch (_step)
        {
            case Step.Looking when response.IsSuccess:
                Finish(now);
                break;
            case Step.Looking when response.StatusCode == 404:
                GoOn(options.Deployment.Length > 0 ? Step.Owning : Step.Creating, now);
                break;
            case Step.Owning when response.IsSuccess && KubeKinds.Deployments.ReadObject(response.Body, strings, out _) is { } deployment:
                _owner = ObjectReference.To(KubeResource.Deployments, deployment);
                GoOn(Step.Creating, now);
                break;
            case Step.Creating when response.IsSuccess:
                outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.MemberlistCreated(Key)));
                Finish(now);
                break;
            case Step.Creating when response.StatusCode == 409:
                // Somebody was quicker; its key is as good as ours.
                Finish(now);
                break;
            default:
                Fail(response, now);
                break;
        }
    }

    private void GoOn(Step step, Instant now)
    {
        _step = step;
        _request.GoOn(now);
    }

    private void Finish(Instant now)
    {
        Problem = "";
        GoOn(Step.Done, now);
    }

    private void Fail(KubeResponse response, Instant now)
    {
        var problem = KubeStatus.Problem(response);
        if (_step == Step.Owning)
            problem = $"Deployment \"{ns}/{options.Deployment}\", which is to own it: {problem}";
        _request.Fail(now);
        if (problem != Problem)
            outputs.Enqueue(new NodeOutput.WriteLog(ControllerLog.MemberlistFailed(Key, problem)));
        Problem = problem;
        // Whatever was found so far may have changed by then.
        _step = Step.Looking;
    }

    private KubeRequest Get(KubeResource resource, string name) =>
        new() { Id = 0, Verb = KubeVerb.Get, Resource = resource, Namespace = ns, Name = name };

    private KubeRequest Create() => new()
    {
        Id = 0,
        Verb = KubeVerb.Create,
        Resource = KubeResource.Secrets,
        Namespace = ns,
        FieldManager = fieldManager,
        Body = KubePatch.NewSecret(Key, _owner, DataKey, Encoding.ASCII.GetBytes(options.Key.Reveal())),
    };
}

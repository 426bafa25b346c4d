using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Lab.World;

namespace FerroLB.Lab.Cluster;

/// <summary>Canonical words for every input and output of the nodes, so that two runs can be compared by their hashes.</summary>
internal static class NodeTrace
{
    public static void Hash(NodeInput input, ref TraceHash hash)
    {
        switch (input)
        {
            case NodeInput.ClockRead clock:
                hash.Add(1);
                hash.Add(clock.Utc.Ticks);
                break;
            case NodeInput.KubeResponded { Response: var response }:
                hash.Add(2);
                hash.Add(response.Id);
                hash.Add(response.StatusCode);
                hash.Add(response.Body.Span);
                hash.Add(response.RetryAfter?.Ticks ?? -1);
                hash.Add(response.Failure);
                break;
            case NodeInput.WatchEventReceived line:
                hash.Add(3);
                hash.Add(line.RequestId);
                hash.Add(line.Line.Span);
                break;
            case NodeInput.WatchClosed closed:
                hash.Add(4);
                hash.Add(closed.RequestId);
                hash.Add(closed.Reason);
                break;
            case NodeInput.LinkReported { Report: LinkReport.LinksChanged changed }:
                hash.Add(5);
                foreach (var link in changed.Links)
                {
                    hash.Add(link.Index);
                    hash.Add(link.Name);
                    hash.Add(link.Mac.Value);
                    hash.Add(link.HasCarrier ? 1 : 0);
                }
                break;
            case NodeInput.MembersReported members:
                hash.Add(6);
                foreach (var member in members.Picture.Members)
                {
                    hash.Add(member.Name);
                    hash.Add((int)member.State);
                }
                break;
            default:
                hash.Add(input.GetType().Name);
                break;
        }
    }

    public static void Hash(NodeOutput output, ref TraceHash hash)
    {
        switch (output)
        {
            case NodeOutput.SendKubeRequest { Request: var request }:
                hash.Add(11);
                Hash(request, ref hash);
                break;
            case NodeOutput.CancelKubeRequest cancel:
                hash.Add(12);
                hash.Add(cancel.RequestId);
                break;
            case NodeOutput.CommandLink { Command: var command }:
                hash.Add(13);
                Hash(command, ref hash);
                break;
            case NodeOutput.WriteLog { Event: var log }:
                Hash(log, ref hash);
                break;
            case NodeOutput.ChangeMetric { Change: var change }:
                Hash(change, ref hash);
                break;
            default:
                hash.Add(output.GetType().Name);
                break;
        }
    }

    public static void Hash(in LinkInput input, ref TraceHash hash)
    {
        hash.Add(20 + (int)input.Kind);
        hash.Add(input.LinkIndex);
        hash.Add(input.Frame.Span);
        if (input.Command is { } command)
            Hash(command, ref hash);
        foreach (var link in input.Links ?? [])
        {
            hash.Add(link.Index);
            hash.Add(link.Name);
            hash.Add(link.HasCarrier ? 1 : 0);
        }
    }

    public static void Hash(in LinkOutput output, ref TraceHash hash)
    {
        hash.Add(30 + (int)output.Kind);
        hash.Add(output.LinkIndex);
        hash.Add(output.Frame.Span);
        hash.Add(output.Group);
        foreach (var address in output.Addresses ?? [])
            hash.Add(address);
        if (output.Log is { } log)
            Hash(log, ref hash);
        if (output.Metric is { } metric)
            Hash(metric, ref hash);
    }

    private static void Hash(KubeRequest request, ref TraceHash hash)
    {
        hash.Add(request.Id);
        hash.Add((int)request.Verb * 16 + (int)request.PatchKind);
        hash.Add(request.Resource.Plural);
        hash.Add(request.Namespace);
        hash.Add(request.Name);
        hash.Add(request.Subresource);
        hash.Add(request.LabelSelector);
        hash.Add(request.FieldSelector);
        hash.Add(request.ResourceVersion);
        hash.Add(request.Continue);
        hash.Add(request.PageSize);
        hash.Add(request.WatchTimeout.Ticks);
        hash.Add(request.Body.Span);
    }

    private static void Hash(LinkCommand command, ref TraceHash hash)
    {
        switch (command)
        {
            case LinkCommand.AnnounceService announce:
                hash.Add(announce.Service.Namespace);
                hash.Add(announce.Service.Name);
                foreach (var wish in announce.Wishes)
                {
                    hash.Add(wish.Address);
                    foreach (var name in wish.Interfaces ?? [])
                        hash.Add(name);
                }
                break;
            case LinkCommand.ConfirmOwnership confirm:
                hash.Add(confirm.Standstill);
                break;
            case LinkCommand.RetractService retract:
                hash.Add(retract.Service.Name);
                hash.Add(retract.Service.Namespace);
                break;
        }
    }

    private static void Hash(LogEvent log, ref TraceHash hash)
    {
        hash.Add((int)log.Level);
        hash.Add(log.Message);
        foreach (var field in log.Fields)
        {
            hash.Add(field.Name);
            hash.Add(field.Value);
        }
    }

    private static void Hash(MetricChange change, ref TraceHash hash)
    {
        hash.Add((int)change.Operation);
        hash.Add(change.Name);
        hash.Add((long)(change.Value * 1000));
        foreach (var label in change.Labels)
            hash.Add(label.Value);
    }
}

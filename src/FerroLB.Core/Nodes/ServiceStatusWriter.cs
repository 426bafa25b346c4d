using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Kube.Json;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Status;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Brings a Service's status to what was decided. Compared are the addresses in their order, our annotation and our condition, and nothing
/// else: what others wrote (ipMode, ports, their conditions) is carried over, and nothing is written when nothing differs.
/// <para>
/// An address is added only to a status that names none, or to a Service that bears the mark <see cref="MetallbAnnotation.Open"/>; a
/// Service that changes its addresses is marked first, and the mark goes with the change. So a later leader can tell from a Service which
/// of its predecessor's writes might still come (<see cref="TermOpening"/>).
/// </para>
/// </summary>
internal sealed class ServiceStatusWriter(StatusWriter<Service> writer, AddressClaims claims, string mark)
{
    private long _marks;

    /// <summary>Whether a Service bears what only we write.</summary>
    public static bool HasTraces(Service service) =>
        service.Metadata.Annotation(MetallbAnnotation.AllocatedFromPool) is not null ||
        Statement.Find(service.Status.Conditions, Statement.Allocated) is not null;

    /// <summary>
    /// Writes the difference, unless a write of the Service is under way, whose end calls this again. False when there is no difference
    /// left.
    /// </summary>
    public bool Flush(Service seen, ServiceOutcome outcome, DateTimeOffset utc, Instant now)
    {
        if (writer.IsBusy(seen.Key))
            return true;
        var pool = seen.Metadata.Annotation(MetallbAnnotation.AllocatedFromPool);
        var ingress = outcome.LeavesStatus ? seen.Status.Ingress : Ingress(seen.Status.Ingress, outcome);
        var wantedPool = outcome.LeavesStatus ? pool : outcome.Pool;
        var conditions = Statement.Put(seen.Status.Conditions, Statement.Allocated, outcome.Statement, utc);
        var isOpen = seen.Metadata.Annotation(MetallbAnnotation.Open) is not null;
        var isNamed = seen.Status.Ingress.Count > 0;
        if (ReferenceEquals(ingress, seen.Status.Ingress) && wantedPool == pool && ReferenceEquals(conditions, seen.Status.Conditions) &&
            !(isOpen && isNamed))
            return false;
        if (isNamed && !isOpen && Adds(seen.Status.Ingress, ingress))
        {
            writer.Patch(seen, KubePatch.Annotation(seen.Metadata, MetallbAnnotation.Open, $"{mark}/{++_marks}"), now);
            return true;
        }
        if (!ReferenceEquals(ingress, seen.Status.Ingress))
            claims.Send(seen.Key, outcome.Addresses);
        var closed = isOpen ? MetallbAnnotation.Open : null;
        writer.Patch(
            seen,
            KubePatch.ServiceStatus(seen.Metadata, MetallbAnnotation.AllocatedFromPool, wantedPool, ingress, conditions, closed),
            now);
        return true;
    }

    private static bool Adds(IReadOnlyList<ServiceIngress> seen, IReadOnlyList<ServiceIngress> wanted)
    {
        foreach (var entry in wanted)
        {
            if (!seen.Contains(entry))
                return true;
        }
        return false;
    }

    private static IReadOnlyList<ServiceIngress> Ingress(IReadOnlyList<ServiceIngress> seen, ServiceOutcome outcome)
    {
        var wanted = new List<ServiceIngress>(outcome.Addresses.Length);
        var isSame = seen.Count == outcome.Addresses.Length;
        foreach (var address in outcome.Addresses)
        {
            var index = Find(seen, address);
            isSame &= index == wanted.Count;
            wanted.Add(index < 0 ? new ServiceIngress { Ip = address.ToString() } : seen[index]);
        }
        return isSame ? seen : wanted;
    }

    private static int Find(IReadOnlyList<ServiceIngress> seen, IpAddress address)
    {
        for (var i = 0; i < seen.Count; i++)
        {
            if (seen[i].Hostname is null && IpAddress.TryParse(seen[i].Ip, out var there) && there == address)
                return i;
        }
        return -1;
    }
}

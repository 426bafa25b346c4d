using System;
using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;
using FerroLB.Core.Kube.Objects;
using FerroLB.Core.Placement;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>
/// Which Services have which address, so that an address that several share has one owner even where they would elect different ones:
/// a Service elects by its first address, and what comes first need not be the shared one.
/// <para>
/// A change of a Service, or of its endpoints, changes what is decided for all Services that it shares an address with: they are returned,
/// to be decided anew. The order of an address's candidates is found once for all who share it, and again after such a change. Addresses
/// that one Service alone has cost an entry each and no election.
/// </para>
/// </summary>
internal sealed class SharedAddresses(SpeakerOptions options, Func<ObjectKey, Service?> find)
{
    private readonly Dictionary<IpAddress, ImmutableSortedSet<ObjectKey>> _holders = [];
    private readonly Dictionary<IpAddress, ImmutableArray<string>?> _orders = [];

    /// <summary>Takes in a change of a Service; the Services that it shares an address with, or did.</summary>
    public SortedSet<ObjectKey> Change(Service? before, Service? after)
    {
        var touched = new SortedSet<ObjectKey>();
        if (before is not null)
        {
            foreach (var address in SpeakerDecision.AddressesOf(before, options))
                Change(address, holders => holders.Remove(before.Key), touched);
        }
        if (after is not null)
        {
            foreach (var address in SpeakerDecision.AddressesOf(after, options))
                Change(address, holders => holders.Add(after.Key), touched);
        }
        return touched;
    }

    /// <summary>The endpoints of a Service changed; the Services that it shares an address with.</summary>
    public SortedSet<ObjectKey> ChangeEndpoints(ObjectKey service)
    {
        var touched = new SortedSet<ObjectKey>();
        foreach (var address in SpeakerDecision.AddressesOf(find(service), options))
            Change(address, holders => holders, touched);
        return touched;
    }

    /// <summary>Something changed that may change every election.</summary>
    public void ForgetOrders() => _orders.Clear();

    /// <summary>The order of the candidates that holds for all who share an address; null while that of each is good enough: it is not
    /// shared, or all elect the same node.</summary>
    public ImmutableArray<string>? OrderOf(IpAddress address, SpeakerView view)
    {
        if (!_holders.TryGetValue(address, out var holders) || holders.Count < 2)
            return null;
        if (_orders.TryGetValue(address, out var order))
            return order;
        var requests = holders.Select(find).OfType<Service>().Select(service => Describe(service, address, view));
        order = view.Election.Reconcile(address, requests);
        _orders.Add(address, order);
        return order;
    }

    private Layer2Request Describe(Service service, IpAddress address, SpeakerView view)
    {
        var pool = view.Config.FindPool(address);
        var together = SpeakerDecision.AddressesOf(service, options).Where(other => view.Config.FindPool(other) == pool);
        return SpeakerDecision.Describe(service, [.. together], view.Endpoints);
    }

    private void Change(
        IpAddress address, Func<ImmutableSortedSet<ObjectKey>, ImmutableSortedSet<ObjectKey>> change, SortedSet<ObjectKey> touched)
    {
        var before = _holders.GetValueOrDefault(address, []);
        var after = change(before);
        if (after.IsEmpty)
            _holders.Remove(address);
        else
            _holders[address] = after;
        if (before.Count < 2 && after.Count < 2)
            return;
        _orders.Remove(address);
        touched.UnionWith(before);
        touched.UnionWith(after);
    }
}

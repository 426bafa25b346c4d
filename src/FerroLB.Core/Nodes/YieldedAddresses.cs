using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Nodes;

/// <summary>The addresses that are yielded, and for which Service each was announced last. A change costs the change.</summary>
internal sealed class YieldedAddresses
{
    private readonly Dictionary<IpAddress, ObjectKey> _services = [];
    private readonly Dictionary<ObjectKey, SortedSet<IpAddress>> _addresses = [];

    /// <summary>Whether there is none.</summary>
    public bool IsEmpty => _services.Count == 0;

    /// <summary>Adds an address.</summary>
    public void Add(IpAddress address, ObjectKey service)
    {
        Remove(address);
        _services[address] = service;
        if (!_addresses.TryGetValue(service, out var addresses))
            _addresses[service] = addresses = [];
        addresses.Add(address);
    }

    /// <summary>Takes an address out; whether it was there.</summary>
    public bool Remove(IpAddress address)
    {
        if (!_services.Remove(address, out var service))
            return false;
        _addresses[service].Remove(address);
        if (_addresses[service].Count == 0)
            _addresses.Remove(service);
        return true;
    }

    /// <summary>Those of a Service, sorted, as they are now.</summary>
    public IpAddress[] Of(ObjectKey service) => _addresses.TryGetValue(service, out var addresses) ? addresses.ToArray() : [];
}

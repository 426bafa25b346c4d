using System;
using System.Collections.Generic;
using System.Collections.Immutable;

namespace FerroLB.Core.Allocation;

/// <summary>Who uses an address, and what others must bring along to share it.</summary>
internal sealed class AddressUse(Position position, string sharingKey, string backendKey) : IComparable<AddressUse>
{
    private readonly List<(ObjectKey Service, ImmutableArray<AllocationPort> Ports)> _users = new(1);

    /// <summary>The user of each port; null as long as there was only one user, as is usual.</summary>
    private Dictionary<AllocationPort, ObjectKey>? _owners;

    /// <summary>Where the address stands in its pool.</summary>
    public Position Position => position;

    /// <summary>The key of all users; empty when the address is not shared.</summary>
    public string SharingKey => sharingKey;

    /// <summary>The backend key of all users.</summary>
    public string BackendKey => backendKey;

    /// <summary>Whether nobody uses the address any more.</summary>
    public bool IsUnused => _users.Count == 0;

    /// <summary>Whether a port has a user.</summary>
    public bool Uses(AllocationPort port) => OwnerOf(port) is not null;

    /// <summary>Adds a user.</summary>
    public void Add(ObjectKey service, ImmutableArray<AllocationPort> ports)
    {
        _users.Add((service, ports));
        if (_owners is null && _users.Count == 2)
        {
            _owners = [];
            Own(_users[0].Service, _users[0].Ports);
        }
        Own(service, ports);
    }

    /// <summary>Removes a user, with the ports that it was added with.</summary>
    public void Remove(ObjectKey service, ImmutableArray<AllocationPort> ports)
    {
        _users.RemoveAll(user => user.Service == service);
        foreach (var port in ports)
            _owners?.Remove(port);
    }

    /// <summary>
    /// Why a Service may not use the address beside its other users; null if it may. What the Service uses itself does not count.
    /// </summary>
    public AllocationRefusal? WhyNot(AllocationRequest request, string address)
    {
        if (OtherUser(request.Service) is not { } other)
            return null;
        if (sharingKey.Length == 0 || request.SharingKey.Length == 0)
            return Refusal(RefusalReason.AddressInUse, $"address {address} is in use by {other}, and the two do not share addresses");
        if (sharingKey != request.SharingKey)
            return Refusal(
                RefusalReason.SharingKeyDiffers,
                $"address {address} is in use by {other} with sharing key {Excerpt.Quote(sharingKey)}, " +
                $"not {Excerpt.Quote(request.SharingKey)}");
        if (backendKey != request.BackendKey)
            return Refusal(
                RefusalReason.BackendDiffers,
                $"address {address} is in use by {other}, whose traffic policy or selector does not allow sharing with this Service");
        foreach (var port in request.Ports)
        {
            if (OwnerOf(port) is { } owner && owner != request.Service)
                return Refusal(RefusalReason.PortInUse, $"port {port} of address {address} is in use by {owner}");
        }
        return null;
    }

    /// <inheritdoc/>
    public int CompareTo(AddressUse? other) => other is null ? 1 : position.CompareTo(other.Position);

    private ObjectKey? OtherUser(ObjectKey service)
    {
        foreach (var user in _users)
        {
            if (user.Service != service)
                return user.Service;
        }
        return null;
    }

    private void Own(ObjectKey service, ImmutableArray<AllocationPort> ports)
    {
        if (_owners is null)
            return;
        foreach (var port in ports)
            _owners[port] = service;
    }

    private ObjectKey? OwnerOf(AllocationPort port)
    {
        if (_owners is not null)
            return _owners.TryGetValue(port, out var owner) ? owner : null;
        return _users.Count > 0 && _users[0].Ports.Contains(port) ? _users[0].Service : null;
    }

    private static AllocationRefusal Refusal(RefusalReason reason, string explanation) => new(reason, explanation, []);
}

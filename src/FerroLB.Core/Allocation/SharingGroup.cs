using System.Collections.Generic;
using System.Collections.Immutable;
using System.Linq;

namespace FerroLB.Core.Allocation;

/// <summary>
/// The addresses of one pool and family that Services with one sharing key and backend key have in use, and the quick answer to "which is
/// the lowest that has all these ports free". For each port that was ever refused it remembers a bound below which every address of the
/// group has the port in use, so that a thousand Services with the same port do not each try all addresses again.
/// </summary>
internal sealed class SharingGroup
{
    private readonly SortedSet<AddressUse> _members = [];
    private readonly Dictionary<AllocationPort, Position> _bounds = [];

    /// <summary>Whether no address is left.</summary>
    public bool IsEmpty => _members.Count == 0;

    /// <summary>Adds an address whose first user has just been added.</summary>
    public void Add(AddressUse use)
    {
        _members.Add(use);
        foreach (var (port, bound) in _bounds)
        {
            if (bound > use.Position && !use.Uses(port))
                _bounds[port] = use.Position;
        }
    }

    /// <summary>Removes an address that has no user left.</summary>
    public void Remove(AddressUse use) => _members.Remove(use);

    /// <summary>Notes that these ports are free again on an address.</summary>
    public void PortsFreed(Position position, ImmutableArray<AllocationPort> ports)
    {
        foreach (var port in ports)
        {
            if (_bounds.TryGetValue(port, out var bound) && bound > position)
                _bounds[port] = position;
        }
    }

    /// <summary>The lowest address before <paramref name="limit"/> on which all these ports are free, or null.</summary>
    public AddressUse? FindLowest(ImmutableArray<AllocationPort> ports, Position limit)
    {
        var start = Position.First;
        foreach (var port in ports)
        {
            if (_bounds.TryGetValue(port, out var bound) && bound > start)
                start = bound;
        }
        if (start >= limit)
            return null;
        var everywhere = ports.Where(port => _bounds.GetValueOrDefault(port) == start).ToList();
        foreach (var use in _members.GetViewBetween(Probe(start), Probe(limit)))
        {
            if (!ports.Any(use.Uses))
                return use;
            everywhere.RemoveAll(port => !use.Uses(port));
            foreach (var port in everywhere)
                _bounds[port] = use.Position.Next;
        }
        return null;
    }

    private static AddressUse Probe(Position position) => new(position, "", "");
}

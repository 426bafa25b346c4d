using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Core.Config;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>The addresses of one pool: which are free, which are in use by whom, and which of those can be shared.</summary>
internal sealed class PoolSpace
{
    private readonly FreeBlock[] _blocks;
    private readonly (IpPrefix Block, int Index)[] _sortedBlocks;
    private readonly FamilySpace _ipv4;
    private readonly FamilySpace _ipv6;

    /// <summary>Makes the space of a pool with every address free.</summary>
    public PoolSpace(PoolConfig config)
    {
        Config = config;
        _blocks = [.. config.Blocks.Select(block => new FreeBlock(block, config.AvoidBuggyIPs))];
        _sortedBlocks = [.. config.Blocks.Select((block, index) => (block, index)).Order()];
        _ipv4 = new(PoolCapacity.Of(config, AddressFamily.IPv4));
        _ipv6 = new(PoolCapacity.Of(config, AddressFamily.IPv6));
        for (var i = 0; i < _blocks.Length; i++)
            Reopen(i);
    }

    /// <summary>The pool as configured; may be replaced by one with the same addresses.</summary>
    public PoolConfig Config { get; set; }

    /// <summary>How many Services hold addresses of the pool.</summary>
    public int ServiceCount { get; set; }

    /// <summary>How full the pool is.</summary>
    public PoolCounters Counters => new(Config.Name, _ipv4.Capacity, _ipv4.Uses.Count, _ipv6.Capacity, _ipv6.Uses.Count);

    /// <summary>Whether the pool can ever have an address of the family.</summary>
    public bool HasFamily(AddressFamily family) => Of(family).Capacity > 0;

    /// <summary>Whether the pool is reserved for others than this Service.</summary>
    public bool Admits(AllocationRequest request) =>
        Config.Pinning is null || Config.Pinning.Admits(request.Service.Namespace, request.NamespaceLabels, request.Labels);

    /// <summary>The lowest address of a family that is free, or that the Service may share; null if there is none.</summary>
    public Spot? FindLowest(AddressFamily family, AllocationRequest request)
    {
        var space = Of(family);
        var free = LowestFree(space);
        if (request.SharingKey.Length > 0 && space.Groups.TryGetValue((request.SharingKey, request.BackendKey), out var group) &&
            group.FindLowest(request.Ports, free ?? Position.Last) is { } shared)
            return new(this, shared.Position, family);
        return free is { } position ? new(this, position, family) : null;
    }

    /// <summary>The place of an address that lies in the pool.</summary>
    public Spot Locate(IpAddress address)
    {
        var low = 0;
        var high = _sortedBlocks.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_sortedBlocks[middle].Block.First > address)
                high = middle - 1;
            else
                low = middle;
        }
        return new(this, new(_sortedBlocks[low].Index, address.Value), address.Family);
    }

    /// <summary>Why a Service may not use an address of this pool beside its present users; null if it may.</summary>
    public AllocationRefusal? WhyNot(Spot spot, AllocationRequest request) =>
        Of(spot.Family).Uses.TryGetValue(spot.Position.Value, out var use) ? use.WhyNot(request, spot.Address.ToString()) : null;

    /// <summary>Makes a Service a user of an address that is free or that it may share.</summary>
    public void Attach(Spot spot, AllocationRequest request)
    {
        var space = Of(spot.Family);
        if (space.Uses.TryGetValue(spot.Position.Value, out var use))
        {
            use.Add(request.Service, request.Ports);
            return;
        }
        use = new(spot.Position, request.SharingKey, request.BackendKey);
        use.Add(request.Service, request.Ports);
        space.Uses.Add(spot.Position.Value, use);
        _blocks[spot.Position.Block].Take(spot.Position.Value);
        Reopen(spot.Position.Block);
        if (use.SharingKey.Length == 0)
            return;
        var key = (use.SharingKey, use.BackendKey);
        if (!space.Groups.TryGetValue(key, out var group))
            space.Groups.Add(key, group = new());
        group.Add(use);
    }

    /// <summary>Undoes <see cref="Attach"/>, given the same request.</summary>
    public void Detach(Spot spot, AllocationRequest request)
    {
        var space = Of(spot.Family);
        var use = space.Uses[spot.Position.Value];
        use.Remove(request.Service, request.Ports);
        var key = (use.SharingKey, use.BackendKey);
        var group = space.Groups.GetValueOrDefault(key);
        group?.PortsFreed(spot.Position, request.Ports);
        if (!use.IsUnused)
            return;
        group?.Remove(use);
        if (group is { IsEmpty: true })
            space.Groups.Remove(key);
        space.Uses.Remove(spot.Position.Value);
        _blocks[spot.Position.Block].GiveBack(spot.Position.Value);
        Reopen(spot.Position.Block);
    }

    private Position? LowestFree(FamilySpace space)
    {
        if (space.OpenBlocks.Count == 0)
            return null;
        var block = space.OpenBlocks.Min;
        var found = _blocks[block].TryPeek(out var lowest);
        Invariant.Check(found, "a full block counted as open");
        return new(block, lowest);
    }

    private void Reopen(int block)
    {
        var open = Of(Config.Blocks[block].Family).OpenBlocks;
        if (_blocks[block].TryPeek(out _))
            open.Add(block);
        else
            open.Remove(block);
    }

    private FamilySpace Of(AddressFamily family) => family == AddressFamily.IPv4 ? _ipv4 : _ipv6;

    private sealed class FamilySpace(long capacity)
    {
        public long Capacity => capacity;

        public SortedSet<int> OpenBlocks { get; } = [];

        public Dictionary<UInt128, AddressUse> Uses { get; } = [];

        public Dictionary<(string SharingKey, string BackendKey), SharingGroup> Groups { get; } = [];
    }
}

/// <summary>An address together with its place in its pool.</summary>
/// <param name="Space">The pool.</param>
/// <param name="Position">The place.</param>
/// <param name="Family">The address's family.</param>
internal readonly record struct Spot(PoolSpace Space, Position Position, AddressFamily Family)
{
    /// <summary>The address.</summary>
    public IpAddress Address => IpAddress.From(Family, Position.Value);
}

using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>
/// One slot for each prefix, in one array, found by the prefix and linked into lists by their numbers. The slots of one hash are a chain
/// inside the array, which costs a third of what a dictionary would.
/// </summary>
internal sealed class RouteSlots
{
    /// <summary>No slot.</summary>
    public const int None = -1;

    private RouteSlot[] _slots = [];

    /// <summary>The first slot of each chain plus one; as long as the slots, a power of two.</summary>
    private int[] _chains = [];
    private int _used;
    private int _free = None;

    /// <summary>Numbers below this one were ever used; some of them may be free.</summary>
    public int Limit => _used;

    /// <summary>How many are in use.</summary>
    public int Count { get; private set; }

    /// <summary>The slot of a number.</summary>
    public ref RouteSlot this[int slot] => ref _slots[slot];

    /// <summary>Whether a number is in use.</summary>
    public bool IsUsed(int slot) => _slots[slot].Next != slot;

    /// <summary>The slot of a prefix.</summary>
    public bool TryFind(in IpPrefix prefix, out int slot)
    {
        slot = _chains.Length == 0 ? None : _chains[ChainOf(prefix)] - 1;
        while (slot != None && _slots[slot].Prefix != prefix)
            slot = _slots[slot].NextInChain - 1;
        return slot != None;
    }

    /// <summary>Makes a slot for a prefix that has none.</summary>
    public int Add(in IpPrefix prefix)
    {
        var slot = _free;
        if (slot != None)
        {
            _free = _slots[slot].Previous;
        }
        else
        {
            if (_used == _slots.Length)
                Grow();
            slot = _used++;
        }
        _slots[slot] = new() { Prefix = prefix, Next = None, Previous = None };
        Chain(slot);
        Count++;
        return slot;
    }

    /// <summary>Gives a slot back that is in no list.</summary>
    public void Remove(int slot)
    {
        ref var link = ref _chains[ChainOf(_slots[slot].Prefix)];
        while (link != slot + 1)
            link = ref _slots[link - 1].NextInChain;
        link = _slots[slot].NextInChain;
        Count--;
        // A free slot points to itself, which no slot of a list does.
        _slots[slot] = new() { Next = slot, Previous = _free };
        _free = slot;
    }

    /// <summary>Puts a slot at the end of a list.</summary>
    public void Append(ref SlotList list, int slot)
    {
        ref var entry = ref _slots[slot];
        entry.Previous = list.Tail;
        entry.Next = None;
        if (list.Tail == None)
            list.Head = slot;
        else
            _slots[list.Tail].Next = slot;
        list.Tail = slot;
    }

    /// <summary>Takes a slot out of a list.</summary>
    public void Unlink(ref SlotList list, int slot)
    {
        ref var entry = ref _slots[slot];
        if (entry.Previous == None)
            list.Head = entry.Next;
        else
            _slots[entry.Previous].Next = entry.Next;
        if (entry.Next == None)
            list.Tail = entry.Previous;
        else
            _slots[entry.Next].Previous = entry.Previous;
        entry.Next = entry.Previous = None;
    }

    private int ChainOf(in IpPrefix prefix)
    {
        unchecked
        {
            // Services' addresses follow each other: multiplying spreads them, and the upper bits of the product are the best ones.
            var value = prefix.First.Value;
            var folded = (ulong)value ^ (ulong)(value >> 64) ^ (ulong)prefix.Length << 57;
            return (int)(folded * 0x9E3779B97F4A7C15 >> 32) & (_chains.Length - 1);
        }
    }

    private void Chain(int slot)
    {
        ref var first = ref _chains[ChainOf(_slots[slot].Prefix)];
        _slots[slot].NextInChain = first;
        first = slot + 1;
    }

    private void Grow()
    {
        Array.Resize(ref _slots, Math.Max(16, 2 * _used));
        _chains = new int[_slots.Length];
        for (var slot = 0; slot < _used; slot++)
            Chain(slot);
    }
}

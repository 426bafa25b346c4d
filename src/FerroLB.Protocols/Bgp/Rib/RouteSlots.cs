using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Protocols.Bgp.Rib;

/// <summary>One slot for each prefix, in one array, found by the prefix and linked into lists by their numbers.</summary>
internal sealed class RouteSlots
{
    /// <summary>No slot.</summary>
    public const int None = -1;

    private readonly Dictionary<IpPrefix, int> _byPrefix = [];
    private RouteSlot[] _slots = [];
    private int _used;
    private int _free = None;

    /// <summary>Numbers below this one were ever used; some of them may be free.</summary>
    public int Limit => _used;

    /// <summary>How many are in use.</summary>
    public int Count => _byPrefix.Count;

    /// <summary>The slot of a number.</summary>
    public ref RouteSlot this[int slot] => ref _slots[slot];

    /// <summary>Whether a number is in use.</summary>
    public bool IsUsed(int slot) => _slots[slot].Next != slot;

    /// <summary>The slot of a prefix.</summary>
    public bool TryFind(in IpPrefix prefix, out int slot) => _byPrefix.TryGetValue(prefix, out slot);

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
                Array.Resize(ref _slots, Math.Max(16, 2 * _used));
            slot = _used++;
        }
        _slots[slot] = new() { Prefix = prefix, Next = None, Previous = None };
        _byPrefix.Add(prefix, slot);
        return slot;
    }

    /// <summary>Gives a slot back that is in no list.</summary>
    public void Remove(int slot)
    {
        _byPrefix.Remove(_slots[slot].Prefix);
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
}

using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Core.Allocation;

/// <summary>
/// The free addresses of one block, without a list of them: everything from a cursor upward is free but for a set of addresses taken
/// ahead of it, and everything below is taken but for a set of addresses given back. So the lowest free address is at hand whatever the
/// size of the block, and memory follows the addresses that were ever in use. The cursor always rests on a free address or beyond the
/// end.
/// </summary>
internal sealed class FreeBlock
{
    private readonly SortedSet<UInt128> _givenBack = [];
    private readonly HashSet<UInt128> _takenAhead = [];
    private readonly UInt128 _last;
    private readonly bool _avoidsBuggy;
    private UInt128 _cursor;
    private bool _isBeyondEnd;

    /// <summary>Makes a block whose addresses are all free; buggy IPv4 addresses (.0 and .255) are left out if so told.</summary>
    public FreeBlock(IpPrefix block, bool avoidsBuggy)
    {
        _cursor = block.First.Value;
        _last = block.Last.Value;
        _avoidsBuggy = avoidsBuggy && block.Family == AddressFamily.IPv4;
        if (IsAvoided(_cursor))
            Advance();
    }

    /// <summary>The lowest free address, as a number; false when every address is in use.</summary>
    public bool TryPeek(out UInt128 lowest)
    {
        lowest = _givenBack.Count > 0 ? _givenBack.Min : _cursor;
        return _givenBack.Count > 0 || !_isBeyondEnd;
    }

    /// <summary>Takes a free address of the block.</summary>
    public void Take(UInt128 address)
    {
        if (IsBelowCursor(address))
            Invariant.Check(_givenBack.Remove(address), "an address was taken that was not free");
        else if (address == _cursor)
            Advance();
        else
            Invariant.Check(_takenAhead.Add(address), "an address was taken that was not free");
    }

    /// <summary>Gives a taken address back.</summary>
    public void GiveBack(UInt128 address)
    {
        var changed = IsBelowCursor(address) ? _givenBack.Add(address) : _takenAhead.Remove(address);
        Invariant.Check(changed, "an address was given back that was free");
    }

    private bool IsBelowCursor(UInt128 address) => _isBeyondEnd || address < _cursor;

    private void Advance()
    {
        do
        {
            if (_cursor == _last)
            {
                _isBeyondEnd = true;
                return;
            }
            _cursor++;
        }
        while (IsAvoided(_cursor) || _takenAhead.Remove(_cursor));
    }

    private bool IsAvoided(UInt128 address) => _avoidsBuggy && (byte)(address & 0xFF) is (0 or 255);
}

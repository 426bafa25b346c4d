using System;

namespace FerroLB.Core.Allocation;

/// <summary>Where an address stands in the order in which its pool is handed out: blocks as written, and upward within each.</summary>
/// <param name="Block">Index of the block in the pool.</param>
/// <param name="Value">The address as a number.</param>
internal readonly record struct Position(int Block, UInt128 Value) : IComparable<Position>
{
    /// <summary>Before every address of any pool.</summary>
    public static readonly Position First = new(0, 0);

    /// <summary>After every address of any pool.</summary>
    public static readonly Position Last = new(int.MaxValue, UInt128.MaxValue);

    /// <summary>The position after this one; saturates at the end of the number range.</summary>
    public Position Next => Value == UInt128.MaxValue ? this : this with { Value = Value + 1 };

    /// <inheritdoc/>
    public int CompareTo(Position other)
    {
        var byBlock = Block.CompareTo(other.Block);
        return byBlock != 0 ? byBlock : Value.CompareTo(other.Value);
    }

    public static bool operator <(Position left, Position right) => left.CompareTo(right) < 0;

    public static bool operator >(Position left, Position right) => left.CompareTo(right) > 0;

    public static bool operator <=(Position left, Position right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Position left, Position right) => left.CompareTo(right) >= 0;
}

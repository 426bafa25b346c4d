using FerroLB.Protocols.Primitives;

namespace FerroLB.ApiServer.Store.State;

/// <summary>One change of one object.</summary>
/// <param name="Version">The resource version of the change.</param>
/// <param name="Before">The object before, or null for a new one.</param>
/// <param name="After">The object after; for a deletion its last form, with the version of the deletion.</param>
/// <param name="IsDeletion">Whether the object is gone.</param>
internal sealed record StoredChange(long Version, StoredObject? Before, StoredObject After, bool IsDeletion);

/// <summary>The last changes in order, bounded; watches walk through it with an index of their own.</summary>
internal sealed class ChangeHistory(int capacity)
{
    private readonly StoredChange?[] _ring = new StoredChange?[capacity];

    /// <summary>The index of the oldest change that is kept.</summary>
    public long First { get; private set; }

    /// <summary>The index that the next change will get.</summary>
    public long End { get; private set; }

    /// <summary>The version up to which changes are forgotten: a watch may start from it or later.</summary>
    public long Floor { get; private set; }

    /// <summary>Adds a change; the oldest is forgotten when the history is full.</summary>
    public void Add(StoredChange change)
    {
        if (End - First == _ring.Length)
        {
            Floor = At(First).Version;
            First++;
        }
        _ring[End % _ring.Length] = change;
        End++;
    }

    /// <summary>Forgets everything up to a version.</summary>
    public void Forget(long version)
    {
        First = End;
        Floor = version;
    }

    /// <summary>The change of an index from <see cref="First"/> to <see cref="End"/> - 1.</summary>
    public StoredChange At(long index)
    {
        var change = _ring[index % _ring.Length];
        Invariant.Check(index >= First && index < End && change is not null, "a change is read that the history does not hold");
        return change;
    }

    /// <summary>The index of the first change after a version.</summary>
    public long IndexAfter(long version)
    {
        var (low, high) = (First, End);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (At(middle).Version > version)
                high = middle;
            else
                low = middle + 1;
        }
        return low;
    }
}

using FerroLB.Lab.World;

namespace FerroLB.Lab.Checkers;

/// <summary>
/// Knows leaders by their deeds: once the holder of the Lease has given a first address, nobody else may give one, however late a write of
/// a former one arrives.
/// </summary>
public sealed class LeaderChecker
{
    private readonly VirtualWorld _world;
    private string _holder = "";
    private bool _hasActed;

    /// <summary>Listens to a mirror that is not open yet.</summary>
    public LeaderChecker(VirtualWorld world, StoreMirror mirror)
    {
        _world = world;
        mirror.Leases.Changed = (_, after) =>
        {
            if (after is null || after.Holder == _holder)
                return;
            Changes += after.Holder.Length > 0 ? 1 : 0;
            (_holder, _hasActed) = (after.Holder, false);
        };
    }

    /// <summary>How often somebody else became the leader.</summary>
    public int Changes { get; private set; }

    /// <summary>Addresses that were given by somebody who did not hold the Lease any more, before the new holder gave any.</summary>
    public int LateGifts { get; private set; }

    /// <summary>A process gave an address, and the store accepted it.</summary>
    public void NoteGift(string user, string what)
    {
        if (_holder.Length == 0)
            return;
        if (user == _holder)
            _hasActed = true;
        else if (_hasActed)
            _world.Report("leader", $"{user} gave {what} although {_holder} leads and has given addresses itself");
        else
            LateGifts++;
    }
}

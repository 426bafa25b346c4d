using System;

namespace FerroLB.Lab.Scenarios;

/// <summary>What may go wrong in a run.</summary>
[Flags]
public enum FaultKinds
{
    /// <summary>Nothing: only users act.</summary>
    None = 0,

    /// <summary>Frames are lost, doubled, delayed and overtake one another.</summary>
    Lan = 1,

    /// <summary>Cables are pulled, single ways between two hosts are cut, segments fall into two parts.</summary>
    Partition = 2,

    /// <summary>Speakers and controllers are killed, lose power with their node, or are told to end, and started again.</summary>
    Crash = 4,

    /// <summary>Processes stand still for seconds.</summary>
    Pause = 8,

    /// <summary>
    /// The API server answers late, with 409, 410, 429, 500 and 503, now and then with nothing else for a while, or not at all although it
    /// did what it was asked, or does it only after nobody waits any more, or twice.
    /// </summary>
    ApiErrors = 16,

    /// <summary>Watches are cut, go silent or lag behind.</summary>
    Watches = 32,

    /// <summary>The API server is away for a while, for all or for one process; sometimes it was restarted.</summary>
    ApiAway = 64,

    /// <summary>Wall clocks step.</summary>
    Clock = 128,

    /// <summary>Speakers wait for their processors: they hear and act late.</summary>
    Starvation = 256,

    /// <summary>Everything.</summary>
    All = 511,
}

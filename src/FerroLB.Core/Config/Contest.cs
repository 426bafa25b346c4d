using System;
using System.Collections.Generic;
using System.Linq;

namespace FerroLB.Core.Config;

/// <summary>
/// Decides which objects of one kind can be in force together when some exclude each other. Forms that are in force already come before
/// changed objects, those before new ones, and then the older object wins, and of two of one age the first by name; so nobody is pushed
/// aside by what comes later, and a process that was restarted, to which all are new, decides as one that saw them come. Who loses falls
/// back to the last valid form where that fits in, and is left out otherwise.
///
/// A form to which an object falls back counts as in force, so everything is tried again with it. The whole is repeated until nothing
/// changes, so that building again from the same objects gives the same result.
/// </summary>
internal static class Contest
{
    // Two rounds settle every case that was ever seen; the limit is there because no proof is.
    private const int MostRounds = 8;

    /// <summary>Settles the forms of the contenders, which are given sorted by name, and returns the arena with those in force.</summary>
    /// <param name="contenders">The objects.</param>
    /// <param name="open">Opens an empty arena; it is given that of the last round, if there was one.</param>
    public static TArena Resolve<T, TArena>(IReadOnlyList<Contender<T>> contenders, Func<TArena?, TArena> open)
        where T : class
        where TArena : class, IArena<T>
    {
        TArena? last = null;
        for (var round = 1; ; round++)
        {
            foreach (var contender in contenders)
                contender.Restart();
            TArena arena;
            do
                arena = open(last);
            while (!TryTogether(contenders, arena));
            var isSettled = contenders.All(contender => contender.Objection is null) ||
                contenders.All(contender => ReferenceEquals(contender.Form, contender.Previous));
            if (isSettled || round == MostRounds)
                return arena;
            foreach (var contender in contenders)
                contender.Previous = contender.Form;
            last = arena;
        }
    }

    private static bool TryTogether<T>(IReadOnlyList<Contender<T>> contenders, IArena<T> arena)
        where T : class
    {
        var inTurn = contenders.Where(contender => contender.Form is not null)
            .OrderBy(contender => contender.CreatedAt ?? DateTimeOffset.MaxValue).ToLookup(contender => contender.Tier);
        foreach (var contender in inTurn[0])
            TryEnter(contender, arena);
        arena.BeginChallenges();
        return inTurn[1].Concat(inTurn[2]).All(contender => TryEnter(contender, arena));
    }

    /// <summary>False when the contender fell back to a form that comes before others, so that all have to enter again.</summary>
    private static bool TryEnter<T>(Contender<T> contender, IArena<T> arena)
        where T : class
    {
        if (arena.Judge(contender.Form!) is not { } objection)
        {
            arena.Enter(contender.Form!);
            return true;
        }
        contender.Objection ??= objection;
        if (contender.Tier == 1 && arena.Judge(contender.Previous!) is null)
        {
            contender.Form = contender.Previous;
            return false;
        }
        if (arena.AdmitsLosers)
            arena.Enter(contender.Form!);
        else
            contender.Form = null;
        return true;
    }
}

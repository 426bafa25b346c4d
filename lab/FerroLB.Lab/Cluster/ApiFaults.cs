using System;

namespace FerroLB.Lab.Cluster;

/// <summary>How badly the API server behaves towards one process. Chances are per request unless they say otherwise, 0-1.</summary>
public sealed record ApiFaults
{
    /// <summary>A good server: answers take 1 to 5 milliseconds, watch events 1 to 20.</summary>
    public static readonly ApiFaults None = new();

    /// <summary>The quickest way, in each direction.</summary>
    public TimeSpan LeastDelay { get; init; } = TimeSpan.FromMilliseconds(0.5);

    /// <summary>The slowest way, in each direction.</summary>
    public TimeSpan MostDelay { get; init; } = TimeSpan.FromMilliseconds(5);

    /// <summary>How late a watch event may be.</summary>
    public TimeSpan MostWatchDelay { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>A watch is slow, per watch: each of its events is late by up to <see cref="MostWatchLag"/> besides.</summary>
    public double SlowWatchChance { get; init; }

    /// <summary>How far a slow watch is behind at most.</summary>
    public TimeSpan MostWatchLag { get; init; }

    /// <summary>A write is answered with 409 Conflict and not carried out.</summary>
    public double ConflictChance { get; init; }

    /// <summary>429 Too Many Requests with a Retry-After of <see cref="RetryAfter"/>.</summary>
    public double TooManyChance { get; init; }

    /// <summary>What a 429 asks for.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>500 or 503, and the request is not carried out.</summary>
    public double ServerErrorChance { get; init; }

    /// <summary>The request is carried out, but its answer never arrives.</summary>
    public double LostAnswerChance { get; init; }

    /// <summary>
    /// A write is given up as unanswered within seconds, but it is still on its way and is carried out up to <see cref="MostLateness"/>
    /// later.
    /// </summary>
    public double LateWriteChance { get; init; }

    /// <summary>How late a write may be that was given up.</summary>
    public TimeSpan MostLateness { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A write arrives twice, as when a client repeats it on another connection; one of the two answers is told.</summary>
    public double TwiceChance { get; init; }

    /// <summary>Opening a watch, or the next page of a list, is answered with 410 Gone.</summary>
    public double GoneChance { get; init; }

    /// <summary>The most objects per page of a list, whatever was asked for; 0 leaves it to the asker.</summary>
    public int MostPerPage { get; init; }

    /// <summary>A list that allows it (resourceVersion "0") shows an older state.</summary>
    public double StaleListChance { get; init; }

    /// <summary>A watch is cut, per second.</summary>
    public double WatchCutChance { get; init; }

    /// <summary>A watch goes silent for some seconds and is then closed, per second.</summary>
    public double WatchHangChance { get; init; }
}

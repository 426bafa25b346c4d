using System;
using System.Collections.Generic;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.World;

/// <summary>
/// What a run leaves behind: a hash over every input and output of every machine, and the last lines for a reader. Lines are kept as
/// references and put into words only when somebody reads them, so that a run pays for its hash alone.
/// </summary>
public sealed class Trace(ulong seed)
{
    private const int TailLines = 400;

    private readonly (Instant At, string Source, string Verb, object? Detail)[] _tail = new (Instant, string, string, object?)[TailLines];
    private TraceHash _hash = new(seed);
    private long _lines;

    /// <summary>The hash over everything so far.</summary>
    public ulong Hash => _hash.Value;

    /// <summary>How many inputs and outputs were hashed.</summary>
    public long Records { get; private set; }

    /// <summary>Receives every line as text when set; slow, for the reader of one seed.</summary>
    public Action<string>? Sink { get; set; }

    /// <summary>Adds one input or output to the hash.</summary>
    public void Record(Instant at, string source, in TraceHash detail)
    {
        Records++;
        _hash.Add(at.Ticks);
        _hash.Add(source);
        _hash.Add(detail.Value);
    }

    /// <summary>Keeps a line for the reader. The detail must not change afterwards.</summary>
    public void Line(Instant at, string source, string verb, object? detail = null)
    {
        _tail[_lines % TailLines] = (at, source, verb, detail);
        _lines++;
        Sink?.Invoke(TraceText.Format(at, source, verb, detail));
    }

    /// <summary>The last lines, oldest first.</summary>
    public IEnumerable<string> Tail(int lines)
    {
        var count = Math.Min(Math.Min(_lines, TailLines), lines);
        for (var i = _lines - count; i < _lines; i++)
        {
            var (at, source, verb, detail) = _tail[i % TailLines];
            yield return TraceText.Format(at, source, verb, detail);
        }
    }
}

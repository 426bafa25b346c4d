using System;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>Something that takes octets from outside and must survive all of them.</summary>
public interface IFuzzTarget
{
    /// <summary>A well-formed input, from which others are made by mutation.</summary>
    byte[] Sample(SeededRandom random);

    /// <summary>Words that mutations may insert; empty when the format has none.</summary>
    ReadOnlySpan<string> Vocabulary { get; }

    /// <summary>The most octets that one input of this length may cost in allocations.</summary>
    long AllocationLimit(int inputBytes);

    /// <summary>Tries one input: null when all is well, else what went wrong. An exception is a fault as well.</summary>
    string? Try(ReadOnlyMemory<byte> input);
}

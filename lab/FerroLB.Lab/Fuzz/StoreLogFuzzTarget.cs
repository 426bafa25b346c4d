using System;
using System.Collections.Generic;
using FerroLB.ApiServer.Store;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Fuzz;

/// <summary>
/// The data file of the embedded API server: whatever a crash or a disk left of it, its whole records come back and nothing else.
/// </summary>
public sealed class StoreLogFuzzTarget : IFuzzTarget
{
    /// <inheritdoc/>
    public ReadOnlySpan<string> Vocabulary => [];

    /// <inheritdoc/>
    public byte[] Sample(SeededRandom random)
    {
        var log = new List<byte>();
        for (var i = random.Next(5); i >= 0; i--)
        {
            var record = new byte[random.Next(60)];
            for (var j = 0; j < record.Length; j++)
                record[j] = (byte)random.Next(256);
            log.AddRange(StoreLog.Frame(record));
        }
        return [.. log];
    }

    /// <inheritdoc/>
    public long AllocationLimit(int inputBytes) => 65_536 + 64L * inputBytes;

    /// <inheritdoc/>
    public string? Try(ReadOnlyMemory<byte> input)
    {
        var records = StoreLog.Read(input, out var tornAt);
        if (tornAt < 0 || tornAt > input.Length)
            return $"torn at {tornAt} of {input.Length}";
        var again = new List<byte>();
        foreach (var record in records)
            again.AddRange(StoreLog.Frame(record.Span));
        return input.Span[..tornAt].SequenceEqual(again.ToArray()) ? null : "the intact part is not what its records make";
    }
}

using System;
using System.Collections.Generic;

namespace FerroLB.ApiServer.Store;

/// <summary>The framing of durable records in a log file: length, checksum, record. Pure: bytes in, bytes out.</summary>
public static class StoreLog
{
    /// <summary>Frames one record for appending.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> record) => throw new NotSupportedException();

    /// <summary>
    /// Reads every whole record. <paramref name="tornAt"/> is where the intact part ends: the log's length when nothing is torn; otherwise cut the file
    /// there before appending.
    /// </summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> log, out int tornAt) => throw new NotSupportedException();
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Security.Cryptography;

namespace FerroLB.ApiServer.Store;

/// <summary>
/// The framing of durable records in a log file: 4 octets length (big-endian), the first 8 octets of the record's SHA-256, the record. A
/// process that is killed while it appends leaves a torn last frame; reading stops in front of it. Pure: bytes in, bytes out.
/// </summary>
public static class StoreLog
{
    private const int LengthBytes = 4;
    private const int ChecksumBytes = 8;
    private const int HeaderBytes = LengthBytes + ChecksumBytes;

    /// <summary>No record is longer, in bytes: a larger length is a torn or foreign frame.</summary>
    public const int MaximumRecordBytes = 64 * 1024 * 1024;

    /// <summary>Frames one record for appending.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> record)
    {
        var frame = new byte[HeaderBytes + record.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, record.Length);
        Checksum(record, frame.AsSpan(LengthBytes, ChecksumBytes));
        record.CopyTo(frame.AsSpan(HeaderBytes));
        return frame;
    }

    /// <summary>
    /// Reads every whole record. <paramref name="tornAt"/> is where the intact part ends: the log's length when nothing is torn;
    /// otherwise cut the file there before appending.
    /// </summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Read(ReadOnlyMemory<byte> log, out int tornAt)
    {
        var records = new List<ReadOnlyMemory<byte>>();
        var position = 0;
        Span<byte> checksum = stackalloc byte[ChecksumBytes];
        while (log.Length - position >= HeaderBytes)
        {
            var length = BinaryPrimitives.ReadInt32BigEndian(log.Span[position..]);
            if (length is < 0 or > MaximumRecordBytes || length > log.Length - position - HeaderBytes)
                break;
            var record = log.Slice(position + HeaderBytes, length);
            Checksum(record.Span, checksum);
            if (!checksum.SequenceEqual(log.Span.Slice(position + LengthBytes, ChecksumBytes)))
                break;
            records.Add(record);
            position += HeaderBytes + length;
        }
        tornAt = position;
        return records;
    }

    private static void Checksum(ReadOnlySpan<byte> record, Span<byte> checksum)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(record, hash);
        hash[..ChecksumBytes].CopyTo(checksum);
    }
}

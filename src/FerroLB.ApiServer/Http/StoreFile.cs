using System;
using System.Collections.Generic;
using System.IO;
using FerroLB.ApiServer.Store;
using Microsoft.Extensions.Logging;

namespace FerroLB.ApiServer.Http;

/// <summary>
/// The append-only file behind a store. Every record is framed with its length and checksum; what a kill left half-written at the end
/// is cut off at the next start, and only that. When the file has grown to several times its useful size, a new one with the present state
/// alone is written beside it and renamed over it, so that at each instant one whole file exists. The file is locked against a second
/// server.
/// </summary>
internal sealed class StoreFile : IDisposable
{
    private const long CompactFromBytes = 8 << 20;
    private const int CompactAtGrowth = 4;
    private readonly string _path;
    private FileStream _stream;
    private long _compactAt;

    private StoreFile(string path, FileStream stream)
    {
        _path = path;
        _stream = stream;
    }

    /// <summary>Whether the file is large enough for <see cref="Compact"/> to be worth its cost.</summary>
    public bool WantsCompaction => _stream.Length >= _compactAt;

    /// <summary>Opens the file, cuts off a torn end, replays every whole record into the store.</summary>
    /// <exception cref="IOException">The file cannot be read or written, or another process holds it.</exception>
    public static StoreFile Open(string directory, ApiStore store, ILogger log)
    {
        string path = Path.Combine(directory, "store.log");
        File.Delete(path + ".new");
        FileStream stream = Open(path, FileMode.OpenOrCreate);
        try
        {
            Replay(stream, path, store, log);
        }
        catch
        {
            stream.Dispose();
            throw;
        }
        var file = new StoreFile(path, stream);
        file._compactAt = NextCompaction(stream.Length);
        return file;
    }

    /// <summary>Appends framed records; they are durable only after <see cref="Flush"/>.</summary>
    public void Append(ReadOnlySpan<byte> record) => _stream.Write(StoreLog.Frame(record));

    /// <summary>Makes everything appended durable.</summary>
    public void Flush() => _stream.Flush(flushToDisk: true);

    /// <summary>Replaces the file by one that holds the given records alone.</summary>
    public void Compact(IEnumerable<ReadOnlyMemory<byte>> records)
    {
        FileStream fresh = Open(_path + ".new", FileMode.Create);
        foreach (ReadOnlyMemory<byte> record in records)
            fresh.Write(StoreLog.Frame(record.Span));
        fresh.Flush(flushToDisk: true);
        // Journalling file systems commit the rename with the next flush of the file, which precedes the next acknowledgement.
        File.Move(_path + ".new", _path, overwrite: true);
        _stream.Dispose();
        _stream = fresh;
        _compactAt = NextCompaction(fresh.Length);
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    private static FileStream Open(string path, FileMode mode) => new(path, new FileStreamOptions
    {
        Mode = mode,
        Access = FileAccess.ReadWrite,
        Share = FileShare.None,
        BufferSize = 1 << 16,
        UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    });

    private static long NextCompaction(long length) => Math.Max(CompactFromBytes, length * CompactAtGrowth);

    private static void Replay(FileStream stream, string path, ApiStore store, ILogger log)
    {
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        IReadOnlyList<ReadOnlyMemory<byte>> records = StoreLog.Read(content, out int tornAt);
        foreach (ReadOnlyMemory<byte> record in records)
            store.Replay(record.Span);
        if (tornAt < content.Length)
        {
            log.LogWarning(
                "{Path}: the last record was torn by a crash; cut off {Bytes} bytes at offset {Offset}. Nothing acknowledged is lost.",
                path, content.Length - tornAt, tornAt);
            stream.SetLength(tornAt);
            stream.Flush(flushToDisk: true);
        }
        stream.Position = tornAt;
        log.LogInformation("{Path}: replayed {Records} records, {Bytes} bytes", path, records.Count, tornAt);
    }
}

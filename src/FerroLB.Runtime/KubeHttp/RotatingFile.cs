using System;
using System.IO;
using System.Threading;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>
/// The content of a file that others replace from time to time (tokens and authorities mounted into a pod). It is read again when the last
/// reading is older than 30 seconds, and at once after the content proved useless; while it cannot be read, the last content counts. May
/// also hold a constant.
/// </summary>
public sealed class RotatingFile
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly string? _path;
    private readonly Func<long> _milliseconds;
    private readonly Lock _gate = new();
    private string _content;
    private long _readAt;

    private RotatingFile(string? path, string content, Func<long> milliseconds)
    {
        _path = path;
        _content = content;
        _milliseconds = milliseconds;
        _readAt = milliseconds();
    }

    /// <summary>A content that never changes.</summary>
    public static RotatingFile Constant(string content) => new(null, content, () => 0);

    /// <summary>A file; it must be readable now.</summary>
    /// <exception cref="KubeAccessException">It is not.</exception>
    public static RotatingFile At(string path) => At(path, () => Environment.TickCount64);

    /// <summary>A file under a clock of its own, in milliseconds.</summary>
    /// <exception cref="KubeAccessException">It is not readable now.</exception>
    internal static RotatingFile At(string path, Func<long> milliseconds)
    {
        try
        {
            return new(path, File.ReadAllText(path), milliseconds);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new KubeAccessException($"cannot read {path}: {e.Message}");
        }
    }

    /// <summary>The content, at most 30 seconds old.</summary>
    public string Read()
    {
        lock (_gate)
        {
            if (_path is null || _milliseconds() - _readAt < Lifetime.TotalMilliseconds)
                return _content;
            _readAt = _milliseconds();
            try
            {
                _content = File.ReadAllText(_path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Replaced this very moment, or gone: the server says so if the old content no longer serves.
            }
            return _content;
        }
    }

    /// <summary>The content was of no use: the file is read again for whoever asks next.</summary>
    public void Expire()
    {
        lock (_gate)
            _readAt = _milliseconds() - (long)Lifetime.TotalMilliseconds;
    }
}

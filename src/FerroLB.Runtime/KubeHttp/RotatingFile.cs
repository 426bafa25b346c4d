using System;
using System.IO;
using System.Threading;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>
/// The content of a file that others replace from time to time (tokens and authorities mounted into a pod). It is read again when the last
/// reading is older than 30 seconds; while it cannot be read, the last content counts. May also hold a constant.
/// </summary>
public sealed class RotatingFile
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly string? _path;
    private readonly Lock _gate = new();
    private string _content;
    private long _readAt;

    private RotatingFile(string? path, string content)
    {
        _path = path;
        _content = content;
        _readAt = Environment.TickCount64;
    }

    /// <summary>A content that never changes.</summary>
    public static RotatingFile Constant(string content) => new(null, content);

    /// <summary>A file; it must be readable now.</summary>
    /// <exception cref="KubeAccessException">It is not.</exception>
    public static RotatingFile At(string path)
    {
        try
        {
            return new(path, File.ReadAllText(path));
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
            if (_path is null || Environment.TickCount64 - _readAt < Lifetime.TotalMilliseconds)
                return _content;
            _readAt = Environment.TickCount64;
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
}

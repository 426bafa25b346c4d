using System;
using System.IO;

namespace FerroLB.Runtime.KubeHttp;

/// <summary>
/// Cuts a stream of octets into lines at line feeds, wherever the pieces happen to end: in the middle of an object or of a UTF-8
/// character. A line longer than the limit is an error, so that a broken server cannot fill the memory.
/// </summary>
/// <param name="limitOctets">The longest line allowed.</param>
internal sealed class LineSplitter(int limitOctets)
{
    private const int FirstOctets = 16 * 1024;

    private byte[] _pending = [];
    private int _start;
    private int _end;

    /// <summary>Where the next piece of the stream is to be written; <see cref="Advance"/> says how much was.</summary>
    /// <exception cref="InvalidDataException">The line so far is longer than the limit.</exception>
    public Memory<byte> Room()
    {
        if (_start > 0)
        {
            _pending.AsSpan(_start, _end - _start).CopyTo(_pending);
            _end -= _start;
            _start = 0;
        }
        if (_end > limitOctets)
            throw new InvalidDataException($"a line of the watch is longer than {limitOctets} octets");
        if (_end == 0 && _pending.Length > FirstOctets * 4)
            _pending = [];
        if (_pending.Length - _end < FirstOctets / 4)
            Array.Resize(ref _pending, Math.Max(FirstOctets, _pending.Length * 2));
        return _pending.AsMemory(_end);
    }

    /// <summary>Says how many octets were written to <see cref="Room"/>.</summary>
    public void Advance(int count) => _end += count;

    /// <summary>Takes the next complete line, without its line feed, as a copy of its own; empty lines are skipped.</summary>
    public bool TryTake(out ReadOnlyMemory<byte> line)
    {
        line = default;
        while (true)
        {
            var length = _pending.AsSpan(_start, _end - _start).IndexOf((byte)'\n');
            if (length < 0)
                return false;
            var taken = _pending.AsSpan(_start, length).Trim((byte)'\r');
            _start += length + 1;
            if (taken.Length == 0)
                continue;
            line = taken.ToArray();
            return true;
        }
    }
}

using System;
using System.Buffers;
using System.Collections.Generic;
using System.Globalization;
using System.IO;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Threading;
using FerroLB.Core.Status;

namespace FerroLB.Runtime.Telemetry;

/// <summary>
/// Writes log lines as JSON objects, one per line: ts (RFC 3339, UTC), level, caller, msg, then the line's own fields. Callers never wait
/// for the reader of the log: lines go through a bounded queue to a thread of their own, and when the reader is so far behind that the
/// queue is full, lines are dropped, counted, and the count is written as soon as there is room again.
/// </summary>
public sealed class JsonLog : IDisposable
{
    private const int Capacity = 8192;
    private const int MostOctetsPerWrite = 16 * 1024;
    private static readonly TimeSpan FlushDeadline = TimeSpan.FromSeconds(1);

    private readonly Stream _output;
    private readonly string _caller;
    private readonly LogLevel _lowest;
    private readonly object _gate = new();
    private readonly Queue<(DateTimeOffset At, LogEvent Line)> _lines = new();
    private readonly Thread _writer;
    private long _droppedCount;
    private bool _isEnding;

    /// <summary>Starts the writing thread.</summary>
    /// <param name="output">Where the lines go; not closed at the end.</param>
    /// <param name="caller">The program's part, for example "speaker".</param>
    /// <param name="lowest">The lowest level written.</param>
    public JsonLog(Stream output, string caller, LogLevel lowest)
    {
        _output = output;
        _caller = caller;
        _lowest = lowest;
        _writer = new(Run) { Name = "log", IsBackground = true };
        _writer.Start();
    }

    /// <summary>Queues a line; from any thread, never waiting for the output.</summary>
    public void Write(LogEvent line)
    {
        ArgumentNullException.ThrowIfNull(line);
        if (line.Level < _lowest)
            return;
        lock (_gate)
        {
            if (_isEnding || _lines.Count >= Capacity)
            {
                _droppedCount++;
                return;
            }
            _lines.Enqueue((DateTimeOffset.UtcNow, line));
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Writes what is queued, for at most a second, and stops.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isEnding = true;
            Monitor.Pulse(_gate);
        }
        _writer.Join(FlushDeadline);
    }

    private void Run()
    {
        var buffer = new ArrayBufferWriter<byte>(1024);
        using var json = new Utf8JsonWriter(buffer, new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
        try
        {
            while (TryTake(out var at, out var line))
            {
                json.Reset();
                Format(json, at, line);
                buffer.Write("\n"u8);
                if (buffer.WrittenCount < MostOctetsPerWrite && HasMore())
                    continue;
                _output.Write(buffer.WrittenSpan);
                _output.Flush();
                buffer.Clear();
            }
        }
        catch (IOException)
        {
            // Nobody reads the log any more; the work goes on without it.
        }
    }

    private bool HasMore()
    {
        lock (_gate)
            return _lines.Count > 0;
    }

    private bool TryTake(out DateTimeOffset at, out LogEvent line)
    {
        lock (_gate)
        {
            while (_lines.Count == 0 && _droppedCount == 0 && !_isEnding)
                Monitor.Wait(_gate);
            if (_lines.TryDequeue(out var next))
            {
                (at, line) = next;
                return true;
            }
            var dropped = new LogField("count", _droppedCount.ToString(CultureInfo.InvariantCulture));
            (at, line) = (DateTimeOffset.UtcNow, new(LogLevel.Warn, "log lines dropped because their reader is too slow", dropped));
            var isNews = _droppedCount > 0;
            _droppedCount = 0;
            return isNews;
        }
    }

    private void Format(Utf8JsonWriter json, DateTimeOffset at, LogEvent line)
    {
        json.WriteStartObject();
        json.WriteString("ts"u8, at.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture));
        json.WriteString("level"u8, line.Level switch
        {
            LogLevel.Debug => "debug",
            LogLevel.Warn => "warn",
            LogLevel.Error => "error",
            _ => "info",
        });
        json.WriteString("caller"u8, _caller);
        json.WriteString("msg"u8, line.Message);
        foreach (var field in line.Fields)
            json.WriteString(field.Name, field.Value);
        json.WriteEndObject();
        json.Flush();
    }
}

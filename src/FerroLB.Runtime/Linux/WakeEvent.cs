using System;

namespace FerroLB.Runtime.Linux;

/// <summary>An eventfd: wakes a loop that waits in poll, from any thread.</summary>
internal sealed unsafe class WakeEvent : IDisposable
{
    /// <summary>Makes the event, not raised.</summary>
    /// <exception cref="LinuxException">Out of descriptors.</exception>
    public WakeEvent()
    {
        Descriptor = Libc.EventFd(0, Libc.EventNonBlocking | Libc.EventCloseOnExec);
        if (Descriptor < 0)
            throw LinuxException.FromLastError("make an eventfd");
    }

    /// <summary>What to poll.</summary>
    public int Descriptor { get; }

    /// <summary>Wakes the loop; raising it again before it was lowered changes nothing.</summary>
    public void Raise()
    {
        ulong one = 1;
        _ = Libc.Write(Descriptor, &one, sizeof(ulong));
    }

    /// <summary>Makes it not raised.</summary>
    public void Lower()
    {
        ulong count;
        _ = Libc.Read(Descriptor, &count, sizeof(ulong));
    }

    /// <inheritdoc/>
    public void Dispose() => _ = Libc.Close(Descriptor);
}

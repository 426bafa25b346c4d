using System;
using System.IO;
using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;
using System.Threading;

namespace FerroLB.Interop.Lan;

/// <summary>Runs code on a thread of its own inside a network namespace. Sockets opened there stay there wherever they are used.</summary>
internal static partial class NamespaceThread
{
    private const int NetworkNamespace = 0x40000000;

    /// <summary>Runs a function in a namespace of `ip netns` and returns what it returned, or throws what it threw.</summary>
    public static T Run<T>(string name, Func<T> function)
    {
        T? result = default;
        ExceptionDispatchInfo? error = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter(name);
                result = function();
            }
#pragma warning disable CA1031 // It is thrown again by the caller's thread.
            catch (Exception e)
#pragma warning restore CA1031
            {
                error = ExceptionDispatchInfo.Capture(e);
            }
        });
        thread.Start();
        thread.Join();
        error?.Throw();
        return result!;
    }

    /// <summary>Moves the calling thread into the namespace for good; use it on a thread of your own only.</summary>
    public static void Enter(string name)
    {
        using var handle = File.OpenHandle($"/run/netns/{name}");
        if (SetNamespace((int)handle.DangerousGetHandle(), NetworkNamespace) != 0)
            throw new InvalidOperationException($"cannot enter {name}: {Marshal.GetLastPInvokeErrorMessage()}");
    }

    [LibraryImport("libc", EntryPoint = "setns", SetLastError = true)]
    private static partial int SetNamespace(int descriptor, int kind);
}

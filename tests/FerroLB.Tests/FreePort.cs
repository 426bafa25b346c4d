using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;

namespace FerroLB.Tests;

/// <summary>
/// Ports for processes that must be told one. They are not from the range which the kernel deals from, so that nobody who asks it for any
/// port gets one of these between the choice and the use; each process of tests starts elsewhere and gives none twice.
/// </summary>
internal static class FreePort
{
    private const int First = 20_000;
    private const int Count = 12_000;
    private const int Step = 200;

    private static int _given = Environment.ProcessId % (Count / Step) * Step;

    /// <summary>A port that nobody uses now.</summary>
    public static int Next()
    {
        for (var tries = 0; tries < Count; tries++)
        {
            var port = First + (Interlocked.Increment(ref _given) & int.MaxValue) % Count;
            try
            {
                using var listener = new TcpListener(IPAddress.Any, port);
                listener.Start();
                return port;
            }
            catch (SocketException)
            {
                // Somebody else's: the next one.
            }
        }
        throw new InvalidOperationException($"no port of {First} to {First + Count - 1} is free");
    }
}

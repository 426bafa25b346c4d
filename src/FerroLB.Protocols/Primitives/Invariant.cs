using System;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace FerroLB.Protocols.Primitives;

/// <summary>
/// Checks that stay on in production. A broken invariant means that the program's picture of the world is wrong, and the only honest
/// repair is to end the process: the restarted one rebuilds its state from the API and the network.
/// </summary>
public static class Invariant
{
    /// <summary>Ends the process through an unhandled <see cref="InvariantBrokenException"/> unless the condition holds.</summary>
    public static void Check(
        [DoesNotReturnIf(false)] bool condition,
        string message,
        [CallerFilePath] string file = "",
        [CallerLineNumber] int line = 0)
    {
        if (!condition)
            throw new InvariantBrokenException($"{message} ({file[(file.LastIndexOf('/') + 1)..]}:{line})");
    }
}

/// <summary>Thrown by <see cref="Invariant.Check"/>. Nobody catches it but the loop that logs it and ends the process.</summary>
public sealed class InvariantBrokenException(string message) : Exception(message);

using System;
using System.Runtime.InteropServices;

namespace FerroLB.Runtime.Linux;

/// <summary>A system call failed in a way that its caller did not expect.</summary>
/// <param name="call">What was attempted, for example "bind packet socket to eth0".</param>
/// <param name="errorNumber">The errno.</param>
public sealed class LinuxException(string call, int errorNumber)
    : Exception($"{call}: {Marshal.GetPInvokeErrorMessage(errorNumber)}")
{
    /// <summary>The errno.</summary>
    public int ErrorNumber { get; } = errorNumber;

    /// <summary>Makes one from the error of the last system call of this thread.</summary>
    internal static LinuxException FromLastError(string call) => new(call, Marshal.GetLastPInvokeError());
}

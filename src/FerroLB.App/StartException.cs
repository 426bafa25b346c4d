using System;

namespace FerroLB.App;

/// <summary>A command cannot start: one line for the user that says what is wrong and how to mend it, and the exit code.</summary>
internal sealed class StartException(int exitCode, string message) : Exception(message)
{
    /// <summary>1: the machine does not allow it; 2: the command line, the environment or a file that they name is wrong.</summary>
    public int ExitCode { get; } = exitCode;
}

using System.Collections.Generic;

namespace FerroLB.Core.Status;

/// <summary>How important a log line is.</summary>
public enum LogLevel
{
    /// <summary>Every packet and every step.</summary>
    Debug,

    /// <summary>What an operator wants to find afterwards.</summary>
    Info,

    /// <summary>Something an operator should look at; the work goes on.</summary>
    Warn,

    /// <summary>Something does not work until an operator or the cluster mends it.</summary>
    Error,
}

/// <summary>
/// A log line as a value. The vocabulary of each area stands in one place (its ...Log class), so that the lines of a release can be read
/// and reviewed like an interface.
/// </summary>
/// <param name="Level">How important it is.</param>
/// <param name="Message">A constant phrase; what varies goes into the fields.</param>
/// <param name="Fields">Named values, in the order in which they are written. Never a secret.</param>
public sealed record LogEvent(LogLevel Level, string Message, params IReadOnlyList<LogField> Fields);

/// <summary>One named value of a log line.</summary>
/// <param name="Name">The key in the JSON line.</param>
/// <param name="Value">The value as text.</param>
public readonly record struct LogField(string Name, string Value);

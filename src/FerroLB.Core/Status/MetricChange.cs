using System.Collections.Generic;

namespace FerroLB.Core.Status;

/// <summary>What happens to a time series.</summary>
public enum MetricOperation
{
    /// <summary>Adds to a counter.</summary>
    Add,

    /// <summary>Sets a gauge.</summary>
    Set,

    /// <summary>Removes the series.</summary>
    Remove,
}

/// <summary>A change of one Prometheus time series as a value.</summary>
/// <param name="Operation">What happens to it.</param>
/// <param name="Name">The metric's full name; its type and help text are declared in <see cref="MetricVocabulary"/>.</param>
/// <param name="Value">The amount added or the value set; ignored for Remove.</param>
/// <param name="Labels">Label names and values, in the order of the metric's declaration.</param>
public sealed record MetricChange(MetricOperation Operation, string Name, double Value, params IReadOnlyList<LogField> Labels);

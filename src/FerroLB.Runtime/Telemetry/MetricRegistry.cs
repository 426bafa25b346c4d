using System;
using System.Collections.Generic;
using System.Globalization;
using System.Text;
using System.Threading;
using FerroLB.Core.Status;

namespace FerroLB.Runtime.Telemetry;

/// <summary>
/// The present value of every time series, and their Prometheus text (exposition format 0.0.4). Changes come from the loops, readings from
/// the metrics endpoint. Names that <see cref="MetricVocabulary"/> does not declare are not kept.
/// </summary>
public sealed class MetricRegistry
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, SortedDictionary<string, double>> _series = [];

    /// <summary>Makes a registry without series.</summary>
    public MetricRegistry()
    {
        foreach (var metric in MetricVocabulary.All)
            _series.Add(metric.Name, new(StringComparer.Ordinal));
    }

    /// <summary>Applies a change; from any thread.</summary>
    public void Apply(MetricChange change)
    {
        ArgumentNullException.ThrowIfNull(change);
        lock (_gate)
        {
            if (!_series.TryGetValue(change.Name, out var series))
                return;
            var labels = LabelsOf(change.Labels);
            if (change.Operation == MetricOperation.Remove)
                series.Remove(labels);
            else
                series[labels] = change.Value + (change.Operation == MetricOperation.Add ? series.GetValueOrDefault(labels) : 0);
        }
    }

    /// <summary>Every series in the order of declaration, then by labels.</summary>
    public string Expose()
    {
        var text = new StringBuilder();
        lock (_gate)
        {
            foreach (var metric in MetricVocabulary.All)
                Append(text, metric, _series[metric.Name]);
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, MetricDeclaration metric, SortedDictionary<string, double> series)
    {
        if (series.Count == 0)
            return;
        text.Append("# HELP ").Append(metric.Name).Append(' ').Append(metric.Help).Append('\n');
        text.Append("# TYPE ").Append(metric.Name).Append(metric.IsCounter ? " counter\n" : " gauge\n");
        foreach (var (labels, value) in series)
            text.Append(metric.Name).Append(labels).Append(' ').Append(value.ToString("R", CultureInfo.InvariantCulture)).Append('\n');
    }

    private static string LabelsOf(IReadOnlyList<LogField> labels)
    {
        if (labels.Count == 0)
            return "";
        var text = new StringBuilder("{");
        foreach (var label in labels)
        {
            var value = label.Value.Replace("\\", @"\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal)
                .Replace("\n", @"\n", StringComparison.Ordinal);
            text.Append(text.Length > 1 ? "," : "").Append(label.Name).Append("=\"").Append(value).Append('"');
        }
        return text.Append('}').ToString();
    }
}

using FerroLB.Core.Status;
using FerroLB.Runtime.Telemetry;
using Xunit;

namespace FerroLB.Tests.Telemetry;

public sealed class MetricRegistryTests
{
    private readonly MetricRegistry _metrics = new();

    [Fact]
    public void Counters_add_up_and_gauges_are_replaced()
    {
        Apply(MetricOperation.Add, "metallb_layer2_requests_received", 2, new LogField("ip", "10.0.0.1"));
        Apply(MetricOperation.Add, "metallb_layer2_requests_received", 3, new LogField("ip", "10.0.0.1"));
        Apply(MetricOperation.Set, "metallb_k8s_client_config_loaded_bool", 0);
        Apply(MetricOperation.Set, "metallb_k8s_client_config_loaded_bool", 1);
        Assert.Equal("""
            # HELP metallb_k8s_client_config_loaded_bool 1 once a configuration was loaded.
            # TYPE metallb_k8s_client_config_loaded_bool gauge
            metallb_k8s_client_config_loaded_bool 1
            # HELP metallb_layer2_requests_received Number of layer-2 requests received for an announced address.
            # TYPE metallb_layer2_requests_received counter
            metallb_layer2_requests_received{ip="10.0.0.1"} 5

            """, _metrics.Expose());
    }

    [Fact]
    public void A_removed_series_is_not_exposed()
    {
        Apply(MetricOperation.Set, "metallb_speaker_announced", 1, new LogField("ip", "10.0.0.1"));
        Apply(MetricOperation.Remove, "metallb_speaker_announced", 0, new LogField("ip", "10.0.0.1"));
        Assert.Equal("", _metrics.Expose());
    }

    [Fact]
    public void Label_values_are_escaped()
    {
        Apply(MetricOperation.Set, "metallb_speaker_announced", 1, new LogField("service", "a\"b\\c\nd"), new LogField("node", "n"));
        Assert.Contains("""{service="a\"b\\c\nd",node="n"} 1""", _metrics.Expose(), System.StringComparison.Ordinal);
    }

    [Fact]
    public void An_undeclared_name_is_not_kept()
    {
        Apply(MetricOperation.Set, "made_up", 1);
        Assert.Equal("", _metrics.Expose());
    }

    private void Apply(MetricOperation operation, string name, double value, params LogField[] labels) =>
        _metrics.Apply(new(operation, name, value, labels));
}

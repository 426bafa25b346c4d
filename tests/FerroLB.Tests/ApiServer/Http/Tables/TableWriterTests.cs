using System;
using System.Collections.Generic;
using System.Linq;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http.Tables;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Tables;

public sealed class TableWriterTests
{
    private const string Service = """
        {"kind":"Service","apiVersion":"v1","metadata":{"name":"web","resourceVersion":"7","creationTimestamp":"2026-01-01T00:00:00Z"},
         "spec":{"type":"LoadBalancer","clusterIP":"10.96.0.9","clusterIPs":["10.96.0.9"],"selector":{"b":"2","a":"1"},
           "ports":[{"port":80,"nodePort":30080,"protocol":"TCP"},{"port":53,"protocol":"UDP"}]},
         "status":{"loadBalancer":{"ingress":[{"ip":"192.0.2.1"},{"hostname":"h.example"}]}}}
        """;

    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 1, 30, TimeSpan.Zero);

    private static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    [Fact]
    public void Service_row_shows_addresses_and_ports()
    {
        JsonNode table = Write(BuiltInColumns.Of("", "services"), Service);
        Assert.Equal("meta.k8s.io/v1", table["apiVersion"]!.ToString());
        Assert.Equal("7", table["metadata"]!["resourceVersion"]!.ToString());
        Assert.Equal(
            """["web","LoadBalancer","10.96.0.9","192.0.2.1,h.example","80:30080/TCP,53/UDP","90s","a=1,b=2"]""",
            Cells(table).ToJsonString(Relaxed));
        Assert.Equal("PartialObjectMetadata", table["rows"]![0]!["object"]!["kind"]!.ToString());
    }

    [Theory]
    [InlineData("""{"type":"LoadBalancer"}""", "<pending>")]
    [InlineData("""{"type":"LoadBalancer","externalIPs":["198.51.100.1"]}""", "198.51.100.1")]
    [InlineData("""{"type":"ClusterIP"}""", "<none>")]
    [InlineData("""{"type":"NodePort","externalIPs":["198.51.100.1","198.51.100.2"]}""", "198.51.100.1,198.51.100.2")]
    [InlineData("""{"type":"ExternalName","externalName":"x.example"}""", "x.example")]
    public void External_address_depends_on_the_type(string spec, string expected)
    {
        JsonNode table = Write(BuiltInColumns.Of("", "services"), $$"""{"metadata":{},"spec":{{spec}}}""");
        Assert.Equal(expected, Cells(table)[3]!.ToString());
    }

    [Theory]
    [InlineData("""[{"type":"Ready","status":"True"}]""", "false", "Ready")]
    [InlineData("""[{"type":"Ready","status":"False"}]""", "true", "NotReady,SchedulingDisabled")]
    [InlineData("[]", "false", "Unknown")]
    public void Node_status_follows_its_condition(string conditions, string unschedulable, string expected)
    {
        string node = $$$"""
            {"metadata":{"labels":{"node-role.kubernetes.io/control-plane":""}},
             "spec":{"unschedulable":{{{unschedulable}}}},"status":{"conditions":{{{conditions}}}}}
            """;
        JsonArray cells = Cells(Write(BuiltInColumns.Of("", "nodes"), node));
        Assert.Equal((expected, "control-plane"), (cells[1]!.ToString(), cells[2]!.ToString()));
    }

    [Fact]
    public void Columns_of_a_custom_resource_are_those_of_its_definition()
    {
        IReadOnlyList<TableColumn> columns = CustomColumns.Of(Catalogs.Pools.Versions[0]);
        Assert.Equal(["Name", "Size"], columns.Select(column => column.Name));
        JsonArray cells = Cells(Write(columns, """{"metadata":{"name":"p"},"spec":{"size":[1,2]}}"""));
        Assert.Equal("""["p","[1,2]"]""", cells.ToJsonString(Relaxed));
        Assert.Equal("""["p",null]""", Cells(Write(columns, """{"metadata":{"name":"p"}}""")).ToJsonString(Relaxed));
        Assert.Equal(["Name", "Age"], CustomColumns.Of(Catalogs.Pools.Versions[1]).Select(column => column.Name));
    }

    [Fact]
    public void Lists_keep_their_metadata_and_rows_may_carry_whole_objects_or_none()
    {
        string list = $$$"""{"metadata":{"resourceVersion":"9","continue":"c"},"items":[{{{Service}}},{{{Service}}}]}""";
        JsonNode table = Write(BuiltInColumns.Of("", "services"), list, "Object");
        Assert.Equal("""{"resourceVersion":"9","continue":"c"}""", table["metadata"]!.ToJsonString());
        Assert.Equal(2, table["rows"]!.AsArray().Count);
        Assert.NotNull(table["rows"]![0]!["object"]!["spec"]);
        Assert.Null(Write(BuiltInColumns.Of("", "services"), list, "None")["rows"]![0]!["object"]);
    }

    private static JsonNode Write(IReadOnlyList<TableColumn> columns, string content, string includeObject = "Metadata")
    {
        using JsonDocument document = JsonDocument.Parse(content);
        return JsonNode.Parse(new TableWriter(columns, "v1", includeObject).Write(document.RootElement, Now))!;
    }

    private static JsonArray Cells(JsonNode table) => table["rows"]![0]!["cells"]!.AsArray();
}

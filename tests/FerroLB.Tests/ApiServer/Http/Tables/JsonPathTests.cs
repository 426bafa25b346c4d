using System.Text.Json;
using FerroLB.ApiServer.Http.Tables;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Tables;

public sealed class JsonPathTests
{
    private const string Document = """
        {"spec":{"list":["a","b"],"dotted.name":"c"},
         "status":{"conditions":[{"type":"Other","status":"No"},{"type":"Ready","status":"Yes"}]}}
        """;

    [Theory]
    [InlineData(".spec.list", """["a","b"]""")]
    [InlineData(".spec.list[1]", "b")]
    [InlineData(".spec.list[-1]", "b")]
    [InlineData(".spec.list[*]", "a")]
    [InlineData(".spec['dotted.name']", "c")]
    [InlineData("""$.spec.dotted\.name""", "c")]
    [InlineData(""".status.conditions[?(@.type=="Ready")].status""", "Yes")]
    [InlineData(".status.conditions[?(@.type=='None')].status", "")]
    [InlineData(".spec.list[7]", "")]
    [InlineData(".none.list", "")]
    [InlineData(".spec[", "")]
    [InlineData("spec", "")]
    public void Paths_find_what_printer_columns_mean(string path, string expected)
    {
        using JsonDocument document = JsonDocument.Parse(Document);
        Assert.Equal(expected, JsonPath.Parse(path).First(document.RootElement).ToString());
    }
}

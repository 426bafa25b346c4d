using System;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http.OpenApi;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.OpenApi;

public sealed class OpenApiV2ProtobufTests
{
    [Fact]
    public void Document_carries_its_version_title_and_definitions()
    {
        JsonObject document = Document("""
            {"K":{"type":"object","required":["a"],"properties":{"a":{"type":"array","items":{"$ref":"#/definitions/K"}}}}}
            """);
        // 1: swagger, 2: info(1: title, 2: version), 8: paths, 9: definitions(1: (1: name, 2: schema)).
        const string Info = "0A03322E30" + "12060A01541201" + "31";
        const string Reference = "0A0F232F646566696E6974696F6E732F4B";
        const string Items = "BA0113" + "0A11" + Reference;
        const string ArrayType = "B20107" + "0A056172726179";
        const string Property = "0A25" + "0A0161" + "1220" + ArrayType + Items;
        const string Schema = "9A010161" + "B20108" + "0A066F626A656374" + "CA0127" + Property;
        const string Named = "0A3E" + "0A014B" + "1239" + Schema;
        Assert.Equal(Info + "4200" + "4A40" + Named, Convert.ToHexString(OpenApiV2Protobuf.Encode(document)));
    }

    [Fact]
    public void Extensions_and_defaults_are_text_of_YAML()
    {
        byte[] encoded = OpenApiV2Protobuf.Encode(Document("""{"K":{"default":{"a":1},"x-note":["b"]}}"""));
        string text = System.Text.Encoding.Latin1.GetString(encoded);
        Assert.Contains("{\"a\":1}\n", text);
        Assert.Contains("x-note", text);
        Assert.Contains("[\"b\"]\n", text);
    }

    private static JsonObject Document(string definitions) => new()
    {
        ["swagger"] = "2.0",
        ["info"] = new JsonObject { ["title"] = "T", ["version"] = "1" },
        ["paths"] = new JsonObject(),
        ["definitions"] = JsonNode.Parse(definitions),
    };
}

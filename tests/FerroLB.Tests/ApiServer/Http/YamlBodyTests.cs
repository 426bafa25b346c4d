using System;
using System.Text;
using FerroLB.ApiServer.Http;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http;

public sealed class YamlBodyTests
{
    [Theory]
    [InlineData("a: 1\nb: [x, 1.5, true, ~, \"2\", -3]", """{"a":1,"b":["x",1.5,true,null,"2",-3]}""")]
    [InlineData("a: {b: {}}\nc:\n", """{"a":{"b":{}},"c":null}""")]
    [InlineData("a: 1.2.3.4\nb: 10e3x\nc: '~'", """{"a":"1.2.3.4","b":"10e3x","c":"~"}""")]
    [InlineData(""" {"a": 1}""", """ {"a": 1}""")]
    [InlineData("{a: 1}", """{"a":1}""")]
    public void Yaml_becomes_JSON(string yaml, string expected)
    {
        Assert.True(YamlBody.TryConvert(Encoding.UTF8.GetBytes(yaml), out ReadOnlyMemory<byte> json, out _));
        Assert.Equal(expected, Encoding.UTF8.GetString(json.Span));
    }

    [Theory]
    [InlineData("a: [")]
    [InlineData("")]
    [InlineData("a: 1\n---\nb: 2")]
    [InlineData("? [1]\n: 2")]
    [InlineData("a: &x [*x]")]
    public void What_is_not_one_document_of_YAML_is_refused_with_a_reason(string yaml)
    {
        Assert.False(YamlBody.TryConvert(Encoding.UTF8.GetBytes(yaml), out _, out string error));
        Assert.StartsWith("error converting YAML to JSON: yaml: ", error);
    }
}

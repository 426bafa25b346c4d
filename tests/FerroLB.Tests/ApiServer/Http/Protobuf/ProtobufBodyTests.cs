using System;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http.Protobuf;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Protobuf;

public sealed class ProtobufBodyTests
{
    [Fact]
    public void Secret_has_maps_times_and_bytes()
    {
        JsonNode secret = Converted("v1", "Secret", writer =>
        {
            writer.Message(1, metadata =>
            {
                metadata.String(1, "key");
                metadata.Message(8, time => time.Number(1, 1_767_225_600));
                metadata.Message(11, entry => Entry(entry, "app", "web"));
            });
            writer.Message(2, entry => Entry(entry, "password", "hi"));
            writer.Element(3, "");
        });
        Assert.Equal(
            """{"name":"key","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"app":"web"}}""", secret["metadata"]!.ToJsonString());
        Assert.Equal("""{"password":"aGk="}""", secret["data"]!.ToJsonString());
        Assert.Null(secret["type"]);
        Assert.Equal(("v1", "Secret"), (secret["apiVersion"]!.ToString(), secret["kind"]!.ToString()));
    }

    [Fact]
    public void Zero_counts_behind_pointers_and_inline_messages_dissolve()
    {
        JsonNode deployment = Converted("apps/v1", "Deployment", writer => writer.Message(2, spec =>
        {
            spec.PresentNumber(1, 0);
            spec.PresentNumber(5, 0);
            spec.Message(3, template => template.Message(2, pod => pod.Message(1, volume =>
            {
                volume.String(1, "tmp");
                volume.Message(2, source => source.Message(2, emptyDir => emptyDir.String(1, "Memory")));
            })));
        }));
        Assert.Equal(
            """{"replicas":0,"template":{"spec":{"volumes":[{"name":"tmp","emptyDir":{"medium":"Memory"}}]}}}""",
            deployment["spec"]!.ToJsonString());
    }

    [Fact]
    public void Numbers_and_names_of_ports_are_told_apart()
    {
        JsonNode service = Converted("v1", "Service", writer => writer.Message(2, spec =>
        {
            spec.Message(1, port => port.Message(4, target => target.Number(2, 8080)));
            spec.Message(1, port => port.Message(4, target =>
            {
                target.Number(1, 1);
                target.String(3, "http");
            }));
        }));
        Assert.Equal("""[{"targetPort":8080},{"targetPort":"http"}]""", service["spec"]!["ports"]!.ToJsonString());
    }

    [Theory]
    [InlineData("v1", "Cow", "kind Cow of v1 is not taken as protobuf; send it as JSON")]
    [InlineData("events.k8s.io/v1", "Event", "field 99 of EventV1 is not known in protobuf form; send the object as JSON")]
    [InlineData("v1", "ConfigMap", "field 99 of ConfigMap is not known in protobuf form; send the object as JSON")]
    public void What_is_not_known_is_refused_rather_than_dropped(string apiVersion, string kind, string expected)
    {
        byte[] body = Body(apiVersion, kind, writer => writer.Number(99, 1));
        Assert.False(ProtobufBody.TryConvert(body, out _, out string error));
        Assert.Equal(expected, error);
    }

    [Fact]
    public void Torn_and_foreign_bytes_are_refused()
    {
        byte[] whole = Body("v1", "ConfigMap", writer => writer.Message(1, metadata => metadata.String(1, "name")));
        Assert.True(ProtobufBody.TryConvert(whole, out _, out _));
        for (int length = 0; length < whole.Length; length++)
            Assert.False(ProtobufBody.TryConvert(whole.AsSpan(0, length), out _, out _), $"{length} bytes were taken");
        Assert.False(ProtobufBody.TryConvert("{}"u8, out _, out _));
    }

    private static JsonNode Converted(string apiVersion, string kind, Action<ProtobufWriter> content)
    {
        Assert.True(ProtobufBody.TryConvert(Body(apiVersion, kind, content), out byte[] json, out string error), error);
        return JsonNode.Parse(json)!;
    }

    private static byte[] Body(string apiVersion, string kind, Action<ProtobufWriter> content)
    {
        var writer = new ProtobufWriter();
        writer.Message(2, content);
        writer.Message(1, type =>
        {
            type.String(1, apiVersion);
            type.String(2, kind);
        });
        return [.. "k8s\0"u8, .. writer.Written];
    }

    private static void Entry(ProtobufWriter entry, string key, string value)
    {
        entry.String(1, key);
        entry.String(2, value);
    }
}

using System;
using System.Text;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Http;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http;

public sealed class ResponseFormTests
{
    private const string Table = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json";
    private const string Partial = "application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io";
    private const string Added = """{"type":"ADDED","object":{"kind":"Service","metadata":{"name":"web","resourceVersion":"3"}}}""";
    private static readonly DateTimeOffset Now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly (ResourceDefinition, ResourceVersionDefinition) Services = (Catalogs.Services, Catalogs.Services.Versions[0]);

    [Fact]
    public void First_form_that_is_spoken_is_chosen()
    {
        Assert.Null(ResponseForm.Choose("application/vnd.kubernetes.protobuf", Services, ""));
        Assert.Null(ResponseForm.Choose("application/json;as=Table;v=v2;g=meta.k8s.io", Services, ""));
        ResponseForm form = ResponseForm.Choose("application/json;as=Table;v=v2;g=meta.k8s.io,application/json", Services, "")!;
        Assert.Equal("Service", Convert(form, """{"kind":"Service"}""")["kind"]!.ToString());
        Assert.Equal("Table", Convert(ResponseForm.Choose(Table, Services, "")!, """{"kind":"Service"}""")["kind"]!.ToString());
    }

    [Fact]
    public void Failures_and_Status_objects_stay_as_they_are()
    {
        ResponseForm form = ResponseForm.Choose(Table, Services, "")!;
        Assert.Equal("Status", Convert(form, """{"kind":"Status","code":404}""", 404)["kind"]!.ToString());
        Assert.Equal("Status", Convert(form, """{"kind":"Status","status":"Success"}""")["kind"]!.ToString());
    }

    [Fact]
    public void Watched_tables_have_headings_once()
    {
        ResponseForm form = ResponseForm.Choose(Table, Services, "")!;
        Assert.NotEmpty(Event(form, Added)["object"]!["columnDefinitions"]!.AsArray());
        JsonNode second = Event(form, Added);
        Assert.Equal("ADDED", second["type"]!.ToString());
        Assert.Empty(second["object"]!["columnDefinitions"]!.AsArray());
        Assert.Equal("web", second["object"]!["rows"]![0]!["cells"]![0]!.ToString());
        const string Error = """{"type":"ERROR","object":{"kind":"Status","code":410}}""";
        Assert.Equal(Error, Event(form, Error).ToJsonString());
    }

    [Fact]
    public void Metadata_alone_is_cut_out_of_objects_lists_and_events()
    {
        ResponseForm form = ResponseForm.Choose(Partial, Services, "")!;
        Assert.Null(Convert(form, """{"kind":"Service","metadata":{"name":"a"},"spec":{}}""")["spec"]);
        JsonNode list = Convert(form, """{"kind":"ServiceList","metadata":{},"items":[{"metadata":{"name":"a"},"spec":{}}]}""");
        Assert.Equal("PartialObjectMetadataList", list["kind"]!.ToString());
        string item = list["items"]![0]!.ToJsonString();
        Assert.Equal("""{"kind":"PartialObjectMetadata","apiVersion":"meta.k8s.io/v1","metadata":{"name":"a"}}""", item);
        Assert.Equal("PartialObjectMetadata", Event(form, Added)["object"]!["kind"]!.ToString());
    }

    private static JsonNode Convert(ResponseForm form, string body, int code = 200) =>
        JsonNode.Parse(form.Convert(new ApiResponse { StatusCode = code, Body = Encoding.UTF8.GetBytes(body) }, Now).Span)!;

    private static JsonNode Event(ResponseForm form, string line) =>
        JsonNode.Parse(form.ConvertEvent(Encoding.UTF8.GetBytes(line), Now).Span)!;
}

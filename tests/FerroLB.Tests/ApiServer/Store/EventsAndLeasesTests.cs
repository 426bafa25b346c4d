using System;
using System.Text.Json.Nodes;
using FerroLB.ApiServer.Store;
using Xunit;

namespace FerroLB.Tests.ApiServer.Store;

/// <summary>Events in both groups and Leases, as the API reference describes their fields.</summary>
public sealed class EventsAndLeasesTests
{
    private const string Core = "v1/ns:default/events";
    private const string Modern = "events.k8s.io/v1/ns:default/events";
    private const string Leases = "coordination.k8s.io/v1/ns:default/leases";
    private readonly TestApi _api = new();

    [Fact]
    public void Every_field_of_an_event_has_its_name_in_the_other_group()
    {
        _api.Create(Modern, ModernEvent());
        var core = _api.Get(Core + "/e");
        Assert.Equal(("v1", "it moved", "web", "x.io/controller", "pod-1", "Move", "Moved"), ((string)core["apiVersion"]!,
            (string)core["message"]!, (string)core["involvedObject"]!["name"]!, (string)core["reportingComponent"]!,
            (string)core["reportingInstance"]!, (string)core["action"]!, (string)core["reason"]!));
        Assert.Equal("2030-01-02T03:04:05.123456Z", (string?)core["eventTime"]);
        _api.Create(Core, """
            {"metadata":{"name":"old"},"involvedObject":{"kind":"Service","namespace":"default","name":"web"},"reason":"R","message":"m",
             "type":"Normal","count":3,"firstTimestamp":"2030-01-01T00:00:00Z","lastTimestamp":"2030-01-02T00:00:00Z",
             "source":{"component":"c"}}
            """);
        var modern = _api.Get(Modern + "/old");
        Assert.Equal(("events.k8s.io/v1", "m", 3, "c", "2030-01-02T00:00:00Z", "2030-01-01T00:00:00Z"), ((string)modern["apiVersion"]!,
            (string)modern["note"]!, (int)modern["deprecatedCount"]!, (string)modern["deprecatedSource"]!["component"]!,
            (string)modern["deprecatedLastTimestamp"]!, (string)modern["deprecatedFirstTimestamp"]!));
    }

    [Fact]
    public void Series_is_written_in_one_group_and_read_in_the_other()
    {
        _api.Create(Modern, ModernEvent());
        _api.Merge(Modern + "/e", """{"series":{"count":2,"lastObservedTime":"2030-01-02T03:05:00.000001Z"}}""");
        Assert.Equal("""{"count":2,"lastObservedTime":"2030-01-02T03:05:00.000001Z"}""", _api.Get(Core + "/e")["series"]!.ToJsonString());
        Assert.Single(_api.List(Core, "fieldSelector=involvedObject.name=web")["items"]!.AsArray());
        Assert.Single(_api.List(Modern, "fieldSelector=regarding.name=web")["items"]!.AsArray());
    }

    [Theory]
    [InlineData("eventTime", null, "eventTime: Required value")]
    [InlineData("reportingController", "", "reportingController: Required value")]
    [InlineData("reportingInstance", "", "reportingInstance: Required value")]
    [InlineData("action", "", "action: Required value")]
    [InlineData("reason", "", "reason: Required value")]
    [InlineData("type", "Loud", "type: Invalid value: \"Loud\": has invalid value: Loud")]
    public void Event_of_the_newer_group_must_be_complete(string field, string? value, string complaint)
    {
        var body = JsonNode.Parse(ModernEvent())!;
        body[field] = value;
        Assert.Contains(complaint, _api.Refused(422, ApiVerb.Create, Modern, body.ToJsonString()), StringComparison.Ordinal);
    }

    [Fact]
    public void Event_stands_in_the_namespace_of_its_object()
    {
        Assert.Contains("involvedObject.namespace: Invalid value: \"other\": does not match event.namespace", _api.Refused(422,
            ApiVerb.Create, Core,
            """{"metadata":{"name":"e"},"involvedObject":{"kind":"Pod","namespace":"other","name":"p"}}"""), StringComparison.Ordinal);
        _api.Create(Core, """{"metadata":{"name":"e"},"involvedObject":{"kind":"Node","name":"n"}}""");
    }

    [Theory]
    [InlineData("2030-01-02T03:04:05.123456Z", true)]
    [InlineData("2030-01-02T03:04:05.123456+02:00", true)]
    [InlineData("2030-01-02T03:04:05Z", false)]
    [InlineData("2030-01-02T03:04:05.123Z", false)]
    [InlineData("2030-01-02T03:04:05.123456789Z", false)]
    public void Times_of_a_lease_have_exactly_six_digits_of_fractions(string time, bool right)
    {
        var body = $$$"""{"metadata":{"name":"l"},"spec":{"renewTime":"{{{time}}}","leaseDurationSeconds":15}}""";
        if (right)
            Assert.Equal(time, (string?)_api.Create(Leases, body)["spec"]!["renewTime"]);
        else
            Assert.Contains("as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse", _api.Refused(400, ApiVerb.Create, Leases, body),
                StringComparison.Ordinal);
    }

    [Fact]
    public void Durations_and_transitions_of_a_lease_are_checked()
    {
        Assert.EndsWith("spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0",
            _api.Refused(422, ApiVerb.Create, Leases, """{"metadata":{"name":"l"},"spec":{"leaseDurationSeconds":0}}"""),
                StringComparison.Ordinal);
        Assert.EndsWith("spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0",
            _api.Refused(422, ApiVerb.Create, Leases, """{"metadata":{"name":"l"},"spec":{"leaseTransitions":-1}}"""),
                StringComparison.Ordinal);
    }

    private static string ModernEvent() => """
        {"metadata":{"name":"e"},"eventTime":"2030-01-02T03:04:05.123456Z","reportingController":"x.io/controller",
         "reportingInstance":"pod-1","action":"Move","reason":"Moved","type":"Normal","note":"it moved",
         "regarding":{"kind":"Service","namespace":"default","name":"web"}}
        """;
}

using System;
using System.Linq;
using System.Text;
using FerroLB.Core.Certificates;
using FerroLB.Core.Kube;
using FerroLB.Core.Nodes;
using FerroLB.Core.Status;
using FerroLB.Runtime.Tls;
using Xunit;
using static FerroLB.Tests.Nodes.CertificateWorld;

namespace FerroLB.Tests.Nodes;

public sealed class CertificateMachineTests
{
    private readonly CertificateWorld _world = new CertificateWorld().WithRegistrations();

    private CertificateBundle Foreign() =>
        CertificateIssuer.Issue(CertificateRules.Order(1, CertificateNeed.Everything, null, Options.DnsNames, _world.Utc));

    [Fact]
    public void Absent_secret_is_created_served_and_believed()
    {
        var replica = _world.Start();
        Assert.Equal(_world.Stored, replica.Served);
        Assert.True(_world.IsBelieved(replica));
        Assert.Equal(7, _world.Bundles().Count());
        Assert.Empty(replica.EventReasons());
    }

    [Fact]
    public void Empty_secret_is_filled_and_other_keys_stay()
    {
        _world.PutSecret(("mine", "keep"));
        var replica = _world.Start();
        Assert.True(_world.IsBelieved(replica));
        Assert.Equal("a2VlcA==", _world.Find(KubeResource.Secrets, Options.Secret)!["data"]!["mine"]!.ToString());
        Assert.Empty(replica.EventReasons());
    }

    [Fact]
    public void Good_secret_is_used_as_it_is_and_nothing_is_written_again()
    {
        var first = _world.Start();
        _world.Stop(first);
        var next = _world.Start(2);
        Assert.Equal(first.Served, next.Served);
        _world.PassDays(30);
        Assert.Empty(next.Orders);
        Assert.All(next.Requests, request => Assert.True(request.Verb is KubeVerb.List or KubeVerb.Get));
    }

    [Fact]
    public void Names_and_lifetimes_are_those_of_MetalLB()
    {
        _world.Start();
        var authority = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(_world.Stored!.CaCertificate);
        var server = System.Security.Cryptography.X509Certificates.X509Certificate2.CreateFromPem(_world.Stored.ServerCertificate);
        Assert.Contains("CN=cert", authority.Subject, StringComparison.Ordinal);
        Assert.Contains("O=metallb", authority.Subject, StringComparison.Ordinal);
        Assert.Equal(10, authority.NotAfter.Year - _world.Utc.Year);
        Assert.Equal(_world.Utc.AddDays(365), server.NotAfter.ToUniversalTime());
        Assert.True(server.MatchesHostname("metallb-webhook-service.metallb-system.svc", false, false));
        Assert.True(server.MatchesHostname("metallb-webhook-service.metallb-system.svc.cluster.local", false, false));
    }

    [Fact]
    public void Two_replicas_that_start_together_agree()
    {
        _world.Fault = request => request.Resource == KubeResource.Secrets ? 503 : null;
        var (one, two) = (_world.Start(1), _world.Start(2));
        _world.Fault = null;
        _world.Pass(TimeSpan.FromMinutes(5));
        Assert.Equal(_world.Stored, one.Served);
        Assert.Equal(_world.Stored, two.Served);
        Assert.True(_world.IsBelieved(one));
        Assert.InRange(_world.Replicas.Sum(replica => replica.Writes(KubeResource.CustomResourceDefinitions).Count()), 1, 3);
    }

    [Fact]
    public void Server_certificate_is_renewed_ninety_days_before_its_end_by_the_same_authority()
    {
        var replica = _world.Start();
        var before = _world.Stored!;
        _world.Invariant = () => Assert.True(_world.IsBelieved(replica));
        _world.PassDays(273);
        Assert.Equal(before, replica.Served);
        _world.PassDays(3);
        Assert.NotEqual(before.ServerCertificate, replica.Served!.ServerCertificate);
        Assert.Equal(before.CaCertificate, replica.Served.CaCertificate);
        Assert.Equal(_world.Stored, replica.Served);
    }

    [Fact]
    public void Twelve_years_pass_without_a_call_that_would_fail()
    {
        var replicas = new[] { _world.Start(1), _world.Start(2) };
        var first = _world.Stored!.CaCertificate;
        _world.Invariant = () => Assert.All(replicas, replica => Assert.True(_world.IsBelieved(replica)));
        _world.PassDays(12 * 360, atOnce: 30);
        Assert.NotEqual(first, _world.Stored!.CaCertificate);
        Assert.All(_world.Bundles(), bundle => Assert.Single(bundle.Authorities));
        Assert.InRange(replicas.Sum(replica => replica.Orders.Count), 15, 40);
    }

    [Fact]
    public void Exchanged_secret_is_shown_only_once_it_is_believed_and_the_old_authority_stays_an_hour()
    {
        var replicas = new[] { _world.Start(1), _world.Start(2) };
        var before = _world.Stored!;
        _world.Invariant = () => Assert.All(replicas, replica => Assert.True(_world.IsBelieved(replica)));
        var foreign = Foreign();
        _world.PutSecret(foreign);
        Assert.All(replicas, replica => Assert.Equal(before, replica.Served));
        Assert.All(_world.Bundles(), bundle => Assert.Equal(2, bundle.Authorities.Count));
        _world.Pass(CertificateMachine.Settling);
        Assert.All(replicas, replica => Assert.Equal(foreign, replica.Served));
        _world.Pass(TimeSpan.FromMinutes(55));
        Assert.All(_world.Bundles(), bundle => Assert.Equal(2, bundle.Authorities.Count));
        _world.Pass(TimeSpan.FromMinutes(10));
        Assert.All(_world.Bundles(), bundle => Assert.Equal([TrustBundle.Canonical(foreign.CaCertificate)!], bundle.Authorities));
    }

    [Fact]
    public void Late_replica_neither_undoes_the_overlap_nor_prolongs_it_for_others()
    {
        var early = _world.Start(1);
        _world.PutSecret(Foreign());
        _world.Pass(TimeSpan.FromMinutes(30));
        var late = _world.Start(2);
        Assert.All(_world.Bundles(), bundle => Assert.Equal(2, bundle.Authorities.Count));
        _world.Pass(TimeSpan.FromHours(3));
        Assert.All(_world.Bundles(), bundle => Assert.Single(bundle.Authorities));
        Assert.Empty(late.Writes(KubeResource.CustomResourceDefinitions));
        Assert.True(_world.IsBelieved(early));
    }

    [Fact]
    public void Deleted_secret_is_made_anew_without_a_failing_call()
    {
        var replicas = new[] { _world.Start(1), _world.Start(2) };
        var before = _world.Stored;
        _world.Invariant = () => Assert.All(replicas, replica => Assert.True(_world.IsBelieved(replica)));
        _world.DeleteSecret();
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.NotEqual(before, _world.Stored);
        Assert.All(replicas, replica => Assert.Equal(_world.Stored, replica.Served));
    }

    [Theory]
    [InlineData("ca.crt", "ca.crt is no certificate in PEM")]
    [InlineData("ca.key", "ca.key is no private key in PEM")]
    [InlineData("tls.crt", "tls.crt is no certificate in PEM")]
    [InlineData("tls.key", "tls.key is no private key in PEM")]
    public void Damaged_secret_is_replaced_with_a_log_line_and_an_event_that_show_nothing_of_it(string key, string complaint)
    {
        var other = _world.Start();
        _world.Stop(other);
        var good = _world.Stored!;
        (string Key, string Text)[] data =
            [("ca.crt", good.CaCertificate), ("ca.key", good.CaKey), ("tls.crt", good.ServerCertificate), ("tls.key", good.ServerKey)];
        _world.PutSecret([.. data.Select(item => item.Key == key ? (key, "canary-9f2d") : item)]);
        var replica = _world.Start(2);
        Assert.True(_world.IsBelieved(replica));
        Assert.Equal(_world.Stored, replica.Served);
        Assert.Equal(["InvalidCertificate"], replica.EventReasons());
        var line = Assert.Single(replica.Logs, line => line.Level == LogLevel.Warn && line.Message == "webhook certificates are made");
        Assert.Contains(line.Fields, field => field == new LogField("reason", complaint));
        var said = string.Join('\n', replica.Logs.SelectMany(log => log.Fields).Select(field => field.Value)) +
            string.Join('\n', replica.Writes(KubeResource.Events).Select(request => Encoding.UTF8.GetString(request.Body.Span)));
        Assert.DoesNotContain("canary", said, StringComparison.Ordinal);
        Assert.DoesNotContain("PRIVATE KEY", said, StringComparison.Ordinal);
        Assert.Equal(key.StartsWith("ca", StringComparison.Ordinal), good.CaCertificate != _world.Stored!.CaCertificate);
    }

    [Fact]
    public void Edited_bundles_are_repaired_more_and_more_slowly()
    {
        var replica = _world.Start();
        _world.Pass(TimeSpan.FromMinutes(10));
        _world.WithRegistrations();
        Assert.True(_world.IsBelieved(replica));
        for (var second = 0; second < 600; second++)
        {
            _world.WithRegistrations();
            _world.Pass(TimeSpan.FromSeconds(1));
        }
        Assert.InRange(replica.Writes(KubeResource.CustomResourceDefinitions).Count(), 10, 25);
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.True(_world.IsBelieved(replica));
    }

    [Fact]
    public void Foreign_authority_and_junk_in_a_bundle_are_taken_out()
    {
        var replica = _world.Start();
        var junk = Convert.ToBase64String("""
            -----BEGIN CERTIFICATE-----
            AAAA
            -----END CERTIFICATE-----
            """u8);
        _world.Put(KubeResource.CustomResourceDefinitions, $$"""
            {"metadata":{"name":"{{Options.DefinitionName}}"},"spec":{"conversion":{"strategy":"Webhook","webhook":{"clientConfig":
            {"caBundle":"{{junk}}"} } } } }
            """);
        _world.Pass(TimeSpan.FromSeconds(2));
        Assert.True(_world.IsBelieved(replica));
        Assert.All(_world.Bundles(), bundle => Assert.False(bundle.HasJunk));
    }

    [Fact]
    public void Registrations_that_come_later_are_filled_in_and_absent_ones_hold_nothing_up()
    {
        var world = new CertificateWorld();
        var replica = world.Start();
        Assert.NotNull(replica.Served);
        world.WithRegistrations();
        Assert.True(world.IsBelieved(replica));
    }

    [Fact]
    public void Definition_without_conversion_webhook_is_left_alone()
    {
        var world = new CertificateWorld();
        world.Put(KubeResource.CustomResourceDefinitions,
            $$"""{"metadata":{"name":"{{Options.DefinitionName}}"},"spec":{"conversion":{"strategy":"None"} } }""");
        Assert.Empty(world.Start().Writes(KubeResource.CustomResourceDefinitions));
    }

    [Fact]
    public void Clock_that_steps_years_forth_and_back_ends_with_a_certificate_for_now()
    {
        var replica = _world.Start();
        foreach (var years in (int[])[3, -3, 20, -25, 5])
        {
            _world.Step(TimeSpan.FromDays(365 * years));
            _world.Pass(TimeSpan.FromMinutes(10));
            Assert.True(_world.IsBelieved(replica));
            Assert.All(_world.Bundles(), bundle => Assert.InRange(bundle.Authorities.Count, 1, 9));
        }
        Assert.InRange(replica.Orders.Count, 3, 12);
    }

    [Fact]
    public void Clock_that_was_never_set_is_waited_for()
    {
        _world.Utc = DateTimeOffset.UnixEpoch;
        var replica = _world.Start();
        Assert.Empty(replica.Orders);
        _world.Step(TimeSpan.FromDays(365 * 60));
        Assert.True(_world.IsBelieved(replica));
    }

    [Fact]
    public void Refused_writes_are_told_and_tried_again()
    {
        _world.Fault = request => request.Resource == KubeResource.Secrets && request.Verb == KubeVerb.Create ? 403 : null;
        var replica = _world.Start();
        _world.Pass(TimeSpan.FromMinutes(10));
        Assert.Null(replica.Served);
        Assert.InRange(replica.Orders.Count, 5, 25);
        Assert.Contains(replica.Logs, line => line.Level == LogLevel.Error && line.Fields.Any(f => f.Value == "refused by the test"));
        _world.Fault = null;
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.True(_world.IsBelieved(replica));
    }

    [Fact]
    public void Keys_that_cannot_be_made_are_ordered_again()
    {
        _world.PutSecret();
        _world.Fault = request => request.Resource == KubeResource.Secrets ? 503 : null;
        var replica = _world.Start();
        replica.IsIssuerBroken = true;
        _world.Fault = null;
        _world.Pass(TimeSpan.FromMinutes(5));
        Assert.InRange(replica.Orders.Count, 4, 15);
        replica.IsIssuerBroken = false;
        _world.Pass(TimeSpan.FromMinutes(1));
        Assert.True(_world.IsBelieved(replica));
    }

    [Fact]
    public void Bundle_that_may_not_be_written_keeps_the_old_certificate_shown()
    {
        var replica = _world.Start();
        var before = _world.Stored;
        _world.Fault = request => request.Verb == KubeVerb.Patch && request.Resource != KubeResource.Secrets ? 403 : null;
        _world.PutSecret(Foreign());
        _world.Pass(TimeSpan.FromHours(2));
        Assert.Equal(before, replica.Served);
        Assert.True(_world.IsBelieved(replica));
        _world.Fault = null;
        _world.Pass(TimeSpan.FromMinutes(3));
        Assert.Equal(_world.Stored, replica.Served);
        Assert.True(_world.IsBelieved(replica));
    }
}

using System;
using System.Net;
using FerroLB.ApiServer.Http.Webhooks;
using Xunit;

namespace FerroLB.Tests.ApiServer.Http.Webhooks;

public sealed class ServiceAddressesTests
{
    [Fact]
    public void Entry_with_a_port_comes_before_one_for_the_whole_service()
    {
        var addresses = new ServiceAddresses(["lb/hook=127.0.0.1:9443", "lb/hook:8443=localhost:1", "lb/six=[::1]:2"]);
        Assert.Equal(new DnsEndPoint("127.0.0.1", 9443), addresses.Find("lb", "hook", 443));
        Assert.Equal(new DnsEndPoint("localhost", 1), addresses.Find("lb", "hook", 8443));
        Assert.Equal(new DnsEndPoint("::1", 2), addresses.Find("lb", "six", 443));
        Assert.Null(addresses.Find("lb", "other", 443));
    }

    [Theory]
    [InlineData("hook=127.0.0.1:9443")]
    [InlineData("lb/hook")]
    [InlineData("lb/=127.0.0.1:9443")]
    [InlineData("lb/hook=127.0.0.1")]
    [InlineData("lb/hook=127.0.0.1:0")]
    [InlineData("lb/hook=:9443")]
    public void Entry_of_another_form_is_refused_with_the_form(string entry)
    {
        string message = Assert.Throws<FormatException>(() => new ServiceAddresses([entry])).Message;
        Assert.Contains("as in metallb-system/webhook-service=127.0.0.1:9443", message, StringComparison.Ordinal);
        Assert.Contains(entry, message, StringComparison.Ordinal);
    }
}

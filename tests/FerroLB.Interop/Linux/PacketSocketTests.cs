using System;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;
using Xunit;

namespace FerroLB.Interop.Linux;

public sealed class PacketSocketTests : IDisposable
{
    private static readonly IpAddress Announced = IpAddress.Parse("10.98.1.1");

    private readonly TestLan _lan = new("client", "node");
    private readonly FrameReceiver _receiver = new();

    public void Dispose() => _lan.Dispose();

    [Fact]
    public void Only_requests_for_announced_addresses_wake_the_process()
    {
        using var socket = Open([Announced]);
        Ask("10.98.1.2", "10.98.0.3", "10.98.1.1", "10.98.1.0");
        Assert.Equal(["10.98.1.1"], TargetsReceived(socket));
    }

    [Fact]
    public void A_storm_of_what_others_ask_and_announce_wakes_nobody_but_a_claim_does()
    {
        using var socket = Open([Announced]);
        for (var i = 2; i < 250; i++)
            RawFrames.Send(_lan, "client", [RawFrames.Request($"10.98.1.{i}"), RawFrames.Claim($"10.98.1.{i}", ArpOperation.Request)]);
        foreach (var operation in (ArpOperation[])[ArpOperation.Request, ArpOperation.Reply])
            RawFrames.Send(_lan, "client", [RawFrames.Claim("10.98.1.1", operation)]);
        Ask("10.98.1.2");
        Assert.Equal(["10.98.1.1", "10.98.1.1"], TargetsReceived(socket));
    }

    [Fact]
    public void Advertisements_of_announced_addresses_are_heard_and_others_are_not()
    {
        using var socket = Open([IpAddress.Parse("fd98::1")], AddressFamily.IPv6);
        RawFrames.Send(_lan, "client", [RawFrames.Advertisement("fd98::2"), RawFrames.Advertisement("fd98::1")]);
        Ask("10.98.1.2");
        Assert.Equal(1, _receiver.Receive(socket.Descriptor));
        Assert.Equal("fd98::1", IpAddress.Read(_receiver[0].Span.Slice(62, 16)).ToString());
    }

    [Fact]
    public void A_new_filter_replaces_the_old_one_at_once()
    {
        using var socket = Open([Announced]);
        socket.SetFilter([IpAddress.Parse("10.98.1.2"), IpAddress.Parse("10.98.1.3")]);
        Ask("10.98.1.1", "10.98.1.2", "10.98.1.3");
        Assert.Equal(["10.98.1.2", "10.98.1.3"], TargetsReceived(socket));
        socket.SetFilter([]);
        Ask("10.98.1.2");
        Assert.Equal([], TargetsReceived(socket));
    }

    [Fact]
    public void A_filter_for_many_scattered_addresses_is_taken_by_the_kernel()
    {
        var addresses = new IpAddress[1900];
        for (var i = 0; i < addresses.Length; i++)
            addresses[i] = IpAddress.V4(0x0A620100u + (uint)(2 * i));
        using var socket = Open(addresses);
        Ask("10.98.1.1", "10.98.1.2", "10.98.15.214", "10.98.15.215");
        Assert.Equal(["10.98.1.2", "10.98.15.214"], TargetsReceived(socket));
    }

    [Theory]
    [InlineData(0x0000)]
    [InlineData(0xA000)]
    public void A_request_with_a_priority_tag_is_heard(ushort tag)
    {
        using var socket = Open([Announced]);
        RawFrames.Send(_lan, "client", [RawFrames.Tagged(RawFrames.Request(Announced.ToString()), tag)]);
        Ask(Announced.ToString());
        Assert.Equal([Announced.ToString(), Announced.ToString()], TargetsReceived(socket));
    }

    [Theory]
    [InlineData(0x0007)]
    [InlineData(0xA001)]
    public void A_request_in_another_VLAN_is_not_heard(ushort tag)
    {
        using var socket = Open([Announced]);
        RawFrames.Send(_lan, "client", [RawFrames.Tagged(RawFrames.Request(Announced.ToString()), tag)]);
        Ask(Announced.ToString());
        Assert.Equal([Announced.ToString()], TargetsReceived(socket));
    }

    [Fact]
    public void An_interface_that_is_not_there_is_an_error_that_names_it()
    {
        var error = Assert.Throws<LinuxException>(
            () => NamespaceThread.Run(_lan.NamespaceOf("node"), () => PacketSocket.Open(4711, AddressFamily.IPv4, [Announced])));
        Assert.Contains("interface 4711", error.Message, StringComparison.Ordinal);
    }

    private PacketSocket Open(IpAddress[] addresses, AddressFamily family = AddressFamily.IPv4)
    {
        var index = _lan.IndexOf("node");
        return NamespaceThread.Run(_lan.NamespaceOf("node"), () => PacketSocket.Open(index, family, addresses));
    }

    // One request each; arping returns after its time, and by then the frame has crossed the bridge.
    private void Ask(params string[] targets)
    {
        foreach (var target in targets)
            _lan.Try("client", "arping", "-b", "-f", "-c", "1", "-w", "1", "-I", "eth0", target);
    }

    private string[] TargetsReceived(PacketSocket socket)
    {
        var targets = new string[_receiver.Receive(socket.Descriptor)];
        for (var i = 0; i < targets.Length; i++)
            targets[i] = IpAddress.Read(_receiver[i].Span.Slice(38, 4)).ToString();
        return targets;
    }
}

using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Interop.Lan;
using FerroLB.Protocols.Ethernet;
using FerroLB.Runtime.Linux;
using Xunit;

namespace FerroLB.Interop.Linux;

public sealed class RouteSocketTests : IDisposable
{
    private readonly TestLan _lan = new("node");
    private readonly RouteSocket _socket;
    private IReadOnlyList<LinkState> _links = [];

    public RouteSocketTests() => _socket = NamespaceThread.Run(_lan.NamespaceOf("node"), () => new RouteSocket());

    public void Dispose()
    {
        _socket.Dispose();
        _lan.Dispose();
    }

    [Fact]
    public void The_first_picture_shows_what_is_there()
    {
        Until("eth0 and lo are listed", () => _links.Select(l => l.Name).SequenceEqual(["lo", "eth0"]));
        var link = Link("eth0")!;
        Assert.Equal(_lan.MacOf("node"), link.Mac.ToString().ToUpperInvariant());
        Assert.True(link is { IsUp: true, HasCarrier: true, IsBroadcast: true, IsNoArp: false, IsEnslaved: false, MtuBytes: 1500 });
        Assert.Contains(link.Addresses, a => $"{a.Address}/{a.PrefixLength}" == "10.98.0.2/16");
        Assert.False(Link("lo")!.IsBroadcast);
    }

    [Fact]
    public void Every_change_is_told_without_polling()
    {
        Until("eth0 is up", () => Link("eth0") is { IsUp: true });
        _lan.Ip("node", "link set eth0 down");
        Until("eth0 is down", () => Link("eth0") is { IsUp: false, HasCarrier: false });
        _lan.Ip("node", "link set eth0 address 02:00:00:00:00:99 up");
        Until("eth0 has another MAC", () => Link("eth0") is { IsUp: true, HasCarrier: true, Mac.Value: 0x020000000099 });
        _lan.Ip("node", "addr add 10.98.0.77/16 dev eth0");
        Until("eth0 has a second address", () => HasAddress("10.98.0.77"));
        _lan.Ip("node", "addr del 10.98.0.77/16 dev eth0");
        Until("it is gone again", () => !HasAddress("10.98.0.77"));
        _lan.Ip("lan", "link set p-node down");
        Until("eth0 has no carrier", () => Link("eth0") is { IsUp: true, HasCarrier: false });
    }

    [Fact]
    public void Enslaving_renaming_and_deleting_are_told()
    {
        _lan.Ip("node", "link add br1 type bridge");
        _lan.Ip("node", "link set eth0 master br1");
        Until("eth0 is a port", () => Link("eth0") is { IsEnslaved: true });
        _lan.Ip("node", "link set eth0 nomaster");
        Until("eth0 is free, and still there", () => Link("eth0") is { IsEnslaved: false });
        _lan.Ip("node", "link set br1 name br2");
        Until("br1 is br2", () => Link("br1") is null && Link("br2") is not null);
        _lan.Ip("node", "link del br2");
        Until("br2 is gone", () => Link("br2") is null);
    }

    private LinkState? Link(string name) => _links.FirstOrDefault(l => l.Name == name);

    private bool HasAddress(string address) => Link("eth0")!.Addresses.Any(a => a.Address.ToString() == address);

    private void Until(string what, Func<bool> condition) => _lan.Until(what, () =>
    {
        if (_socket.TryReadChange(out var links))
            _links = links;
        return condition();
    });
}

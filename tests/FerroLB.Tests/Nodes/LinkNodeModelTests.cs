using System;
using System.Collections.Generic;
using System.Linq;
using FerroLB.Protocols.Arp;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;
using Xunit;

namespace FerroLB.Tests.Nodes;

/// <summary>Random histories, after each step of which the node must agree with a model that only knows the present wishes.</summary>
public sealed class LinkNodeModelTests
{
    private static readonly string[] Services = ["a", "b", "c", "d"];
    private static readonly string[] Addresses = ["192.0.2.1", "192.0.2.2", "192.0.2.3", "192.0.2.4", "192.0.2.5"];
    private static readonly string[] Names = ["eth0", "eth1", "eth2"];

    private readonly Dictionary<string, (string[] Addresses, string[] Interfaces)> _wishes = [];
    private readonly Dictionary<int, string?> _filters = [];
    private readonly LinkWorld _world = new();
    private LinkState[] _links = [];

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    public void Answers_filters_and_snapshot_depend_on_the_present_wishes_only(ulong seed)
    {
        var random = new SeededRandom(seed);
        for (var step = 0; step < 400; step++)
        {
            _world.Forget();
            Step(random);
            Record();
            Compare();
        }
    }

    private void Step(SeededRandom random)
    {
        var service = Services[random.Next(Services.Length)];
        switch (random.Next(4))
        {
            case 0:
                _wishes.Remove(service);
                _world.Retract(service);
                break;
            case 1:
                _links = [.. Subset(Names, random).Select(name => RandomLink(name, random))];
                _world.Links(_links);
                break;
            case 2:
                _world.Pass(random.Next(3000) / 1000.0);
                break;
            default:
                var addresses = Subset(Addresses, random);
                if (addresses.Length == 0)
                    break;
                _wishes[service] = (addresses, Subset(Names, random));
                _world.Announce(service, string.Join(',', addresses), _wishes[service].Interfaces);
                break;
        }
    }

    private void Record()
    {
        foreach (var (link, addresses) in _world.Filters)
        {
            if (addresses is null)
                _filters.Remove(link);
            else
                _filters[link] = addresses;
        }
        foreach (var (link, packet) in _world.Frames)
        {
            Assert.Contains(packet.SenderAddress.ToString(), Expected(link));
            Assert.Equal(_links.Single(state => state.Index == link).Mac, packet.SenderMac);
        }
    }

    private void Compare()
    {
        Assert.Equal(
            _links.Where(IsUsable).OrderBy(link => link.Index).Select(link => (link.Index, string.Join(',', Expected(link.Index)))),
            _filters.OrderBy(filter => filter.Key).Select(filter => (filter.Key, filter.Value ?? "")));
        Assert.Equal(
            Addresses.Where(address => _wishes.Values.Any(wish => wish.Addresses.Contains(address))),
            _world.Node.Snapshot.Addresses.Keys.Select(address => address.ToString()));
        foreach (var link in _links)
        {
            var answered = Addresses.Where(address => _world.Forget().Receive(link.Index, LinkWorld.Request(address)).Frames
                .Any(sent => sent.Packet.Operation == ArpOperation.Reply && sent.Packet.TargetMac == LinkWorld.ClientMac));
            Assert.Equal(Expected(link.Index), answered);
        }
    }

    private string[] Expected(int linkIndex)
    {
        var link = _links.SingleOrDefault(state => state.Index == linkIndex);
        return link is null || !IsUsable(link)
            ? []
            : [.. Addresses.Where(address => _wishes.Values.Any(wish =>
                wish.Addresses.Contains(address) && (wish.Interfaces.Length == 0 || wish.Interfaces.Contains(link.Name))))];
    }

    private static bool IsUsable(LinkState link) => link.IsUp && !link.IsEnslaved;

    private static LinkState RandomLink(string name, SeededRandom random) => LinkWorld.Link(2 + Array.IndexOf(Names, name), name) with
    {
        Mac = new(0x0200_0000_0100 + (ulong)random.Next(2) * 16 + (ulong)Array.IndexOf(Names, name)),
        IsUp = random.Chance(0.9),
        IsEnslaved = random.Chance(0.1),
        HasCarrier = random.Chance(0.8),
    };

    private static string[] Subset(string[] all, SeededRandom random) => [.. all.Where(_ => random.Chance(0.5))];
}

using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.Protocols.Primitives;
using FerroLB.Runtime.Linux;
using Xunit;

namespace FerroLB.Tests.Linux;

public sealed class LinkTableTests
{
    private const uint UpWithCarrier = 0x1 | 0x2 | 0x10000;

    private readonly LinkTable _table = new();

    [Fact]
    public void A_link_message_tells_name_address_flags_and_master()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier | 0x80, master: 3));
        var link = Assert.Single(_table.Links);
        Assert.Equal((7, "eth0", "02:00:00:00:00:07"), (link.Index, link.Name, link.Mac.ToString()));
        Assert.True(link is { IsUp: true, HasCarrier: true, IsBroadcast: true, IsNoArp: true, IsEnslaved: true, MtuBytes: 1500 });
    }

    [Fact]
    public void Addresses_are_listed_sorted_with_their_prefix_lengths()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.Apply(Address(7, "fe80::1", 64));
        _table.Apply(Address(7, "10.0.0.9", 24));
        _table.Apply(Address(7, "10.0.0.2", 24));
        Assert.Equal(["10.0.0.2/24", "10.0.0.9/24", "fe80::1/64"], AddressesOf(7));
    }

    [Fact]
    public void On_a_point_to_point_link_the_local_address_counts_and_not_the_peer()
    {
        _table.Apply(Link(7, "ppp0", UpWithCarrier));
        _table.Apply(Message(20, AddressBody(7, 2, 32), Attribute(1, Octets("10.0.0.1")), Attribute(2, Octets("10.0.0.2"))));
        _table.Apply(Message(20, AddressBody(7, 2, 32), Attribute(2, Octets("10.0.1.2")), Attribute(1, Octets("10.0.1.1"))));
        Assert.Equal(["10.0.0.2/32", "10.0.1.2/32"], AddressesOf(7));
    }

    [Theory]
    [InlineData(0x40, "True")]
    [InlineData(0x44, "False")]
    [InlineData(0x48, "")]
    [InlineData(0x80, "False")]
    public void An_address_that_is_checked_for_duplicates_is_tentative_and_goes_when_there_is_one(byte flags, string isTentative)
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        foreach (var each in (byte[])[0x40, flags])
        {
            var body = AddressBody(7, 10, 64);
            body[2] = each;
            _table.HasChanged = false;
            _table.Apply(Message(20, body, Attribute(1, Octets("fe80::1"))));
        }
        Assert.Equal(isTentative, string.Concat(_table.Links[0].Addresses.Select(address => address.IsTentative)));
        Assert.Equal(flags != 0x40, _table.HasChanged);
    }

    [Fact]
    public void A_repeated_message_is_no_change()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.Apply(Address(7, "10.0.0.2", 24));
        _table.HasChanged = false;
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.Apply(Address(7, "10.0.0.2", 24));
        Assert.False(_table.HasChanged);
    }

    [Fact]
    public void A_changed_address_of_the_hardware_is_a_change()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.HasChanged = false;
        _table.Apply(Link(7, "eth0", UpWithCarrier, mac: 0x020000000099));
        Assert.True(_table.HasChanged);
        Assert.Equal(new MacAddress(0x020000000099), Assert.Single(_table.Links).Mac);
    }

    [Fact]
    public void A_deleted_link_takes_its_addresses_along()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.Apply(Address(7, "10.0.0.2", 24));
        _table.Apply(Link(7, "eth0", UpWithCarrier, type: 17));
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        Assert.Empty(AddressesOf(7));
    }

    [Fact]
    public void A_deleted_address_is_gone()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.Apply(Address(7, "10.0.0.2", 24));
        _table.Apply(Address(7, "10.0.0.2", 24, type: 21));
        Assert.Empty(AddressesOf(7));
    }

    [Fact]
    public void A_port_that_leaves_its_bridge_is_not_a_deleted_interface()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.Apply(Link(7, "eth0", UpWithCarrier, type: 17, family: 7));
        Assert.Single(_table.Links);
    }

    [Fact]
    public void After_a_second_dump_what_it_did_not_mention_is_gone()
    {
        _table.Apply(Link(7, "eth0", UpWithCarrier));
        _table.Apply(Link(8, "eth1", UpWithCarrier));
        _table.Apply(Address(8, "10.0.0.2", 24));
        _table.Apply(Address(8, "10.0.0.3", 24));
        _table.BeginDump();
        _table.Apply(Link(8, "eth1", UpWithCarrier));
        _table.Apply(Address(8, "10.0.0.3", 24));
        _table.EndDump();
        Assert.Equal("eth1", Assert.Single(_table.Links).Name);
        Assert.Equal(["10.0.0.3/24"], AddressesOf(8));
    }

    [Fact]
    public void Garbage_changes_nothing_and_never_throws()
    {
        var random = new SeededRandom(5);
        byte[] whole = Link(7, "eth0", UpWithCarrier);
        for (var i = 0; i < 20_000; i++)
        {
            var octets = whole.ToArray();
            for (var flips = 0; flips < 3; flips++)
                octets[random.Next(octets.Length)] = (byte)random.Next(256);
            _table.Apply(octets.AsSpan(0, random.Next(octets.Length + 1)));
        }
        Assert.All(_table.Links, link => Assert.True(link.MtuBytes >= 0));
    }

    private string[] AddressesOf(int index) =>
        [.. _table.Links.Single(l => l.Index == index).Addresses.Select(a => $"{a.Address}/{a.PrefixLength}")];

    private static byte[] Link(
        int index, string name, uint flags, uint master = 0, ushort type = 16, byte family = 0, ulong mac = 0)
    {
        var body = new byte[16];
        body[0] = family;
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), index);
        BinaryPrimitives.WriteUInt32LittleEndian(body.AsSpan(8), flags);
        var hardware = new byte[6];
        new MacAddress(mac == 0 ? 0x020000000000 + (ulong)index : mac).Write(hardware);
        var attributes = new List<byte[]>
        {
            Attribute(3, [.. Encoding.UTF8.GetBytes(name), 0]), Attribute(1, hardware), Attribute(4, Number(1500)),
        };
        if (master != 0)
            attributes.Add(Attribute(10, Number(master)));
        return Message(type, body, [.. attributes]);
    }

    private static byte[] Address(int index, string address, byte prefixLength, ushort type = 20)
    {
        var octets = Octets(address);
        return Message(type, AddressBody(index, octets.Length == 4 ? (byte)2 : (byte)10, prefixLength), Attribute(1, octets));
    }

    private static byte[] AddressBody(int index, byte family, byte prefixLength)
    {
        var body = new byte[8];
        body[0] = family;
        body[1] = prefixLength;
        BinaryPrimitives.WriteInt32LittleEndian(body.AsSpan(4), index);
        return body;
    }

    private static byte[] Message(ushort type, byte[] body, params byte[][] attributes)
    {
        byte[] message = [.. new byte[16], .. body, .. attributes.SelectMany(a => a)];
        BinaryPrimitives.WriteInt32LittleEndian(message, message.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(message.AsSpan(4), type);
        return message;
    }

    private static byte[] Attribute(ushort type, byte[] value)
    {
        var octets = new byte[(4 + value.Length + 3) & ~3];
        BinaryPrimitives.WriteUInt16LittleEndian(octets, (ushort)(4 + value.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(octets.AsSpan(2), type);
        value.CopyTo(octets, 4);
        return octets;
    }

    private static byte[] Octets(string address)
    {
        var parsed = IpAddress.Parse(address);
        var octets = new byte[parsed.SizeBytes];
        parsed.Write(octets);
        return octets;
    }

    private static byte[] Number(uint value)
    {
        var octets = new byte[4];
        BinaryPrimitives.WriteUInt32LittleEndian(octets, value);
        return octets;
    }
}

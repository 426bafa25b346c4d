using System;
using System.Buffers.Binary;
using System.Collections.Generic;
using System.Linq;
using System.Text;
using FerroLB.Protocols.Ethernet;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Runtime.Linux;

/// <summary>
/// The interfaces and addresses of this network namespace, kept from rtnetlink messages (RFC 3549; linux/rtnetlink.h). The messages of a
/// dump and the notifications of later changes have the same form, so one table serves both:
/// <code>
/// BeginDump   -> every entry is in doubt
/// Apply(...)  -> RTM_NEWLINK, RTM_DELLINK, RTM_NEWADDR, RTM_DELADDR, from either source, in the order in which the kernel sent them
/// EndDump     -> entries that nobody mentioned are gone
/// </code>
/// The cost of a change is that of the change; a node with hundreds of pod interfaces is dumped once, and again only after the kernel said
/// that notifications were lost. Nothing here touches a socket: a table can be fed from recorded bytes.
/// </summary>
public sealed class LinkTable
{
    private const int HeaderOctets = 16;
    private const ushort NewLink = 16;
    private const ushort DeleteLink = 17;
    private const ushort NewAddress = 20;
    private const ushort DeleteAddress = 21;
    private const byte Optimistic = 0x04;
    private const byte DuplicateFound = 0x08;
    private const byte Tentative = 0x40;

    private readonly SortedDictionary<int, LinkState> _links = [];
    // Each address, and whether it is tentative.
    private readonly SortedDictionary<int, SortedDictionary<LinkAddress, bool>> _addresses = [];
    private HashSet<int> _doubtfulLinks = [];
    private HashSet<(int LinkIndex, LinkAddress Address)> _doubtfulAddresses = [];

    /// <summary>Whether something that <see cref="Links"/> shows has changed since the flag was last cleared.</summary>
    public bool HasChanged { get; set; }

    /// <summary>All interfaces by index, each with its addresses, sorted.</summary>
    public IReadOnlyList<LinkState> Links =>
        [.. _links.Values.Select(l => _addresses.TryGetValue(l.Index, out var own) ? l with { Addresses = [.. own.Select(Shown)] } : l)];

    /// <summary>A dump begins: what it does not mention is gone at its end.</summary>
    public void BeginDump()
    {
        _doubtfulLinks = [.. _links.Keys];
        _doubtfulAddresses = [.. _addresses.SelectMany(link => link.Value.Keys.Select(address => (link.Key, address)))];
    }

    /// <summary>The dump is complete.</summary>
    public void EndDump()
    {
        foreach (var index in _doubtfulLinks)
            RemoveLink(index);
        foreach (var (index, address) in _doubtfulAddresses)
            RemoveAddress(index, address);
        _doubtfulLinks.Clear();
        _doubtfulAddresses.Clear();
    }

    /// <summary>Applies one netlink message of any type; others than the four are ignored, as are malformed ones.</summary>
    /// <param name="message">The message with its 16-octet header, in the byte order of this machine.</param>
    public void Apply(ReadOnlySpan<byte> message)
    {
        if (message.Length < HeaderOctets)
            return;
        var type = BinaryPrimitives.ReadUInt16LittleEndian(message[4..]);
        var body = message[HeaderOctets..];
        switch (type)
        {
            case NewLink or DeleteLink when body.Length >= 16:
                ApplyLink(body, type == DeleteLink);
                break;
            case NewAddress or DeleteAddress when body.Length >= 8:
                ApplyAddress(body, type == DeleteAddress);
                break;
        }
    }

    private void ApplyLink(ReadOnlySpan<byte> body, bool isDeleted)
    {
        // Bridges tell about their ports in messages of their own family: those do not speak of the interface itself.
        if (body[0] != 0)
            return;
        var index = BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        _doubtfulLinks.Remove(index);
        if (isDeleted)
        {
            RemoveLink(index);
            return;
        }
        var flags = BinaryPrimitives.ReadUInt32LittleEndian(body[8..]);
        var link = new LinkState(index, "", MacAddress.Zero)
        {
            IsUp = (flags & 0x1) != 0,
            IsBroadcast = (flags & 0x2) != 0,
            IsNoArp = (flags & 0x80) != 0,
            HasCarrier = (flags & 0x10000) != 0,
        };
        link = WithAttributes(link, body[16..]);
        if (_links.TryGetValue(index, out var known) && known == link)
            return;
        _links[index] = link;
        HasChanged = true;
    }

    private static LinkState WithAttributes(LinkState link, ReadOnlySpan<byte> attributes)
    {
        while (TryTakeAttribute(ref attributes, out var type, out var value))
        {
            link = type switch
            {
                1 when value.Length == MacAddress.SizeBytes => link with { Mac = MacAddress.Read(value) },
                3 => link with { Name = Encoding.UTF8.GetString(value.TrimEnd((byte)0)) },
                4 when value.Length == 4 => link with { MtuBytes = (int)Math.Min(int.MaxValue, Read32(value)) },
                10 when value.Length == 4 => link with { IsEnslaved = Read32(value) != 0 },
                _ => link,
            };
        }
        return link;
    }

    private void ApplyAddress(ReadOnlySpan<byte> body, bool isDeleted)
    {
        var length = body[0] switch { 2 => 4, 10 => 16, _ => 0 };
        var prefixLength = body[1];
        var index = BinaryPrimitives.ReadInt32LittleEndian(body[4..]);
        if (length == 0 || prefixLength > length * 8)
            return;
        IpAddress? address = null;
        var isLocal = false;
        var attributes = body[8..];
        while (TryTakeAttribute(ref attributes, out var type, out var value))
        {
            // On point-to-point links IFA_ADDRESS is the peer and IFA_LOCAL our own; elsewhere IFA_LOCAL may be missing.
            if (value.Length != length || !(type == 2 || (type == 1 && !isLocal)))
                continue;
            address = IpAddress.Read(value);
            isLocal |= type == 2;
        }
        if (address is not { } found)
            return;
        var entry = new LinkAddress(found, prefixLength);
        _doubtfulAddresses.Remove((index, entry));
        // Of the check for duplicates the kernel tells when it is over; an address that another host has is of no use.
        if (isDeleted || (body[2] & DuplicateFound) != 0)
            RemoveAddress(index, entry);
        else
            AddAddress(index, entry, (body[2] & (Tentative | Optimistic)) == Tentative);
    }

    private void AddAddress(int index, LinkAddress address, bool isTentative)
    {
        if (!_addresses.TryGetValue(index, out var own))
            _addresses[index] = own = new(Comparer<LinkAddress>.Create(Compare));
        HasChanged |= !own.TryGetValue(address, out var wasTentative) || wasTentative != isTentative;
        own[address] = isTentative;
    }

    private static LinkAddress Shown(KeyValuePair<LinkAddress, bool> entry) => entry.Key with { IsTentative = entry.Value };

    private void RemoveAddress(int index, LinkAddress address)
    {
        if (_addresses.TryGetValue(index, out var own))
            HasChanged |= own.Remove(address);
    }

    private void RemoveLink(int index)
    {
        HasChanged |= _links.Remove(index);
        _addresses.Remove(index);
    }

    private static int Compare(LinkAddress left, LinkAddress right)
    {
        var byAddress = left.Address.CompareTo(right.Address);
        return byAddress != 0 ? byAddress : left.PrefixLength.CompareTo(right.PrefixLength);
    }

    private static bool TryTakeAttribute(ref ReadOnlySpan<byte> attributes, out int type, out ReadOnlySpan<byte> value)
    {
        type = 0;
        value = default;
        if (attributes.Length < 4)
            return false;
        var length = BinaryPrimitives.ReadUInt16LittleEndian(attributes);
        if (length < 4 || length > attributes.Length)
            return false;
        type = BinaryPrimitives.ReadUInt16LittleEndian(attributes[2..]) & 0x3FFF;
        value = attributes[4..length];
        attributes = attributes[Math.Min(attributes.Length, (length + 3) & ~3)..];
        return true;
    }

    private static uint Read32(ReadOnlySpan<byte> value) => BinaryPrimitives.ReadUInt32LittleEndian(value);
}

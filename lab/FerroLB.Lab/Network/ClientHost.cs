using System;
using System.Collections.Generic;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>
/// A host on the segment that uses addresses: it resolves them as Linux does and sends a datagram to whoever it believes to own them. What
/// arrives where is seen on the segment's mirror.
/// </summary>
public sealed class ClientHost : IFrameReceiver, IEventTarget
{
    /// <summary>EtherType of the lab's datagrams, from the range for local experiments (IEEE 802).</summary>
    public const ushort DatagramType = 0x88B5;

    private const int UseNext = 1;

    private readonly VirtualWorld _world;
    private readonly LanPort _port;
    private readonly IpAddress _address;
    private readonly IpAddress _linkLocal;
    private readonly Func<IReadOnlyList<IpAddress>> _wanted;
    private readonly TimeSpan _interval;
    private Instant _armedFor = Instant.MaxValue;
    private int _next;

    /// <summary>Connects a host that uses, one after the other, the addresses that it is told of.</summary>
    public ClientHost(
        VirtualWorld world, LanSegment segment, string name, MacAddress mac, IpAddress address,
        Func<IReadOnlyList<IpAddress>> wanted, TimeSpan interval)
    {
        (_world, _address, _wanted, _interval) = (world, address, wanted, interval);
        _port = segment.Connect(name, mac, this);
        _linkLocal = LabAddress.LinkLocal(mac);
        _port.Groups.Add(NdpFrame.MacOf(NdpFrame.GroupOf(_linkLocal)));
        Cache = new(world.Random.Fork("client/" + name), SendRequest);
        _world.After(interval, this, UseNext);
    }

    /// <summary>What it knows of its neighbours.</summary>
    public NeighbourCache Cache { get; }

    /// <summary>Datagrams sent to a known neighbour.</summary>
    public long SentDatagrams { get; private set; }

    /// <summary>Attempts for which no neighbour was known yet.</summary>
    public long UnresolvedAttempts { get; private set; }

    /// <inheritdoc/>
    public void Receive(LanPort port, byte[] frame)
    {
        if (ArpFrame.Decode(frame) is { } packet)
        {
            var toUs = packet.TargetIp == _address;
            Cache.Handle(packet, toUs, _world.Now);
            if (toUs && !packet.IsReply)
                Answer(packet);
        }
        else if (NdpFrame.Decode(frame) is { IsAdvertisement: true } advertisement)
            Cache.Handle(advertisement, _world.Now);
        else
            return;
        Arm();
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        if (code == UseNext)
        {
            UseOne();
            _world.After(_interval, this, UseNext);
        }
        else if (_world.Now >= _armedFor)
        {
            _armedFor = Instant.MaxValue;
            Cache.Advance(_world.Now);
        }
        Arm();
    }

    private void UseOne()
    {
        var wanted = _wanted();
        if (wanted.Count == 0)
            return;
        _next = (_next + 1) % wanted.Count;
        if (Cache.Use(wanted[_next], _world.Now) is not { } mac)
        {
            UnresolvedAttempts++;
            return;
        }
        SentDatagrams++;
        var datagram = new byte[14 + wanted[_next].SizeBytes];
        var writer = new ByteWriter(datagram);
        writer.WriteMac(mac);
        writer.WriteMac(_port.Mac);
        writer.WriteUInt16(DatagramType);
        writer.WriteIp(wanted[_next]);
        _port.Segment.Send(_port, datagram);
    }

    private void SendRequest(IpAddress address, MacAddress? to) =>
        _port.Segment.Send(_port, address.IsIPv4
            ? ArpFrame.Request(_port.Mac, _address, address, to).Encode()
            : NdpFrame.Ask(_port.Mac, _linkLocal, address, to).Encode());

    private void Answer(ArpFrame request) => _port.Segment.Send(_port, new ArpFrame
    {
        Destination = request.SenderMac,
        Source = _port.Mac,
        IsReply = true,
        SenderMac = _port.Mac,
        SenderIp = _address,
        TargetMac = request.SenderMac,
        TargetIp = request.SenderIp,
    }.Encode());

    private void Arm()
    {
        if (Cache.NextDeadline is not { } due || due >= _armedFor)
            return;
        _armedFor = due;
        _world.At(due, this);
    }
}

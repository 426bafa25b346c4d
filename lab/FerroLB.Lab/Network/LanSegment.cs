using System;
using System.Collections.Generic;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>
/// One broadcast domain: a switch that knows where every hardware address is. A frame sent into a port is copied once and delivered, each
/// copy with its own delay, to the port that owns the destination address, or to all others when it is a group address; an address that
/// nobody owns floods, as a switch does. Each delivery may be lost, doubled or cut off: by the segment's faults, by a port without carrier,
/// or by a block between two ports that works in one direction only. A frame under way when a cable is pulled is lost too.
/// </summary>
public sealed class LanSegment : IEventTarget
{
    private const int LeastFrameBytes = 14;
    private const int MostFrameBytes = 9_216;

    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly List<LanPort> _ports = [];
    private readonly SortedSet<(int From, int To)> _blocked = [];

    /// <summary>Makes a segment without ports.</summary>
    public LanSegment(VirtualWorld world, string name) => (_world, Name, _random) = (world, name, world.Random.Fork("segment/" + name));

    /// <summary>Its name in the trace.</summary>
    public string Name { get; }

    /// <summary>How bad it is at the moment.</summary>
    public LanFaults Faults { get; set; } = LanFaults.None;

    /// <summary>The ports, by index.</summary>
    public IReadOnlyList<LanPort> Ports => _ports;

    /// <summary>Frames sent so far.</summary>
    public long SentFrames { get; private set; }

    /// <summary>Called for every frame that is sent, with the port it came from: what a mirror port would show.</summary>
    public Action<LanPort, byte[]>? Mirror { get; set; }

    /// <summary>Adds a port.</summary>
    public LanPort Connect(string name, MacAddress mac, IFrameReceiver receiver)
    {
        var port = new LanPort(this, _ports.Count, name, mac, receiver);
        _ports.Add(port);
        return port;
    }

    /// <summary>Cuts or mends the way from one port to another.</summary>
    public void SetBlocked(LanPort from, LanPort to, bool blocked)
    {
        if (blocked)
            _blocked.Add((from.Index, to.Index));
        else
            _blocked.Remove((from.Index, to.Index));
    }

    /// <summary>Mends every way and forgets the faults; cables stay as they are.</summary>
    public void Heal()
    {
        _blocked.Clear();
        Faults = LanFaults.None;
    }

    /// <summary>Sends a frame into a port. The octets are copied.</summary>
    public void Send(LanPort from, ReadOnlySpan<byte> octets)
    {
        if (octets.Length is < LeastFrameBytes or > MostFrameBytes)
        {
            _world.Report("wire", $"{from.Name} sent a frame of {octets.Length} octets");
            return;
        }
        if (!from.HasCarrier)
            return;
        SentFrames++;
        var frame = octets.ToArray();
        _world.Trace.Line(_world.Now, from.Name, "sends", frame);
        Mirror?.Invoke(from, frame);
        var owner = PortOf(MacAddress.Read(frame));
        if (owner is not null)
        {
            if (owner != from)
                Carry(from, owner, frame);
            return;
        }
        foreach (var port in _ports)
        {
            if (port != from)
                Carry(from, port, frame);
        }
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        var port = _ports[code];
        if (port.HasCarrier)
            port.Receiver.Receive(port, (byte[])payload!);
    }

    private void Carry(LanPort from, LanPort to, byte[] frame)
    {
        if (!to.HasCarrier || _blocked.Contains((from.Index, to.Index)) || _random.Chance(Faults.LossChance))
            return;
        _world.After(_random.Between(Faults.LeastDelay, Faults.MostDelay), this, to.Index, frame);
        if (_random.Chance(Faults.DuplicateChance))
            _world.After(_random.Between(Faults.LeastDelay, Faults.MostDelay), this, to.Index, frame);
    }

    private LanPort? PortOf(MacAddress mac)
    {
        if (mac.IsMulticast)
            return null;
        foreach (var port in _ports)
        {
            if (port.Mac == mac)
                return port;
        }
        return null;
    }
}

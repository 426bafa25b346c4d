using System;
using System.Collections.Generic;
using FerroLB.Lab.World;
using FerroLB.Protocols.Primitives;

namespace FerroLB.Lab.Network;

/// <summary>
/// One broadcast domain: a switch that knows where every hardware address is. A frame sent into a port is copied once and delivered, each
/// copy with its own delay, to the port that owns the destination address, to the members of a multicast group, or to all others when it
/// is for everybody; an address that nobody owns floods, as a switch does. Each delivery may be lost, doubled or cut off: by the segment's
/// faults, by a port without carrier, by a block between two ports that works in one direction only, or by a split of the whole segment in
/// two. A frame under way when a cable is pulled is lost too.
/// </summary>
public sealed class LanSegment : IEventTarget
{
    private const int LeastFrameBytes = 14;
    private const int MostFrameBytes = 9_216;

    private static readonly MacAddress AllNodes = new(0x33_33_00_00_00_01);

    private readonly VirtualWorld _world;
    private readonly SeededRandom _random;
    private readonly List<LanPort> _ports = [];
    private readonly SortedDictionary<MacAddress, LanPort> _owners = [];
    private readonly SortedSet<(int From, int To)> _blocked = [];
    private SortedSet<int> _oneSide = [];

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

    /// <summary>Datagrams to groups sent so far.</summary>
    public long SentGroupPackets { get; private set; }

    /// <summary>Called for every frame that is sent, with the port it came from: what a mirror port would show.</summary>
    public Action<LanPort, byte[]>? Mirror { get; set; }

    /// <summary>Adds a port.</summary>
    public LanPort Connect(string name, MacAddress mac, IFrameReceiver receiver)
    {
        var port = new LanPort(this, _ports.Count, name, mac, receiver);
        _ports.Add(port);
        _owners.TryAdd(mac, port);
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

    /// <summary>Splits the segment: these ports and the others no longer reach each other. Without ports it is whole again.</summary>
    public void Split(IEnumerable<LanPort> oneSide)
    {
        _oneSide = [];
        foreach (var port in oneSide)
            _oneSide.Add(port.Index);
    }

    /// <summary>Mends every way and forgets the faults; cables stay as they are.</summary>
    public void Heal()
    {
        _blocked.Clear();
        _oneSide.Clear();
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
        var to = MacAddress.Read(frame);
        if (_owners.TryGetValue(to, out var owner))
        {
            if (owner != from)
                Carry(from, owner, frame);
            return;
        }
        var isForAll = !to.IsMulticast || to == MacAddress.Broadcast || to == AllNodes;
        foreach (var port in _ports)
        {
            if (port != from && (isForAll || port.Groups.Contains(to)))
                Carry(from, port, frame);
        }
    }

    /// <summary>Whether anything can get from one port to another at the moment.</summary>
    public bool IsOpen(LanPort from, LanPort to) =>
        from.HasCarrier && to.HasCarrier && (_blocked.Count == 0 || !_blocked.Contains((from.Index, to.Index))) &&
        (_oneSide.Count == 0 || _oneSide.Contains(from.Index) == _oneSide.Contains(to.Index));

    /// <summary>Sends a datagram to the members of a group.</summary>
    public void Send(LanPort from, GroupPacket packet)
    {
        if (!from.HasCarrier)
            return;
        SentGroupPackets++;
        foreach (var port in _ports)
        {
            if (port != from && port.Groups.Contains(packet.Group))
                Carry(from, port, packet);
        }
    }

    /// <summary>Draws the fate of a packet that is carried here: the number of its copies, none when it is lost, and their
    /// delays.</summary>
    public int Draw(LanPort from, LanPort to, out TimeSpan first, out TimeSpan second)
    {
        first = second = TimeSpan.Zero;
        if (!IsOpen(from, to) || (Faults.LossChance > 0 && _random.Chance(Faults.LossChance)))
            return 0;
        first = _random.Between(Faults.LeastDelay, Faults.MostDelay);
        if (Faults.DuplicateChance == 0 || !_random.Chance(Faults.DuplicateChance))
            return 1;
        second = _random.Between(Faults.LeastDelay, Faults.MostDelay);
        return 2;
    }

    /// <inheritdoc/>
    public void Fire(int code, object? payload)
    {
        var port = _ports[code];
        if (!port.HasCarrier)
            return;
        if (payload is byte[] frame)
            port.Receiver.Receive(port, frame);
        else if (port.Receiver is IPacketReceiver receiver)
            receiver.Receive(port, (GroupPacket)payload!);
    }

    private void Carry(LanPort from, LanPort to, object what)
    {
        var copies = Draw(from, to, out var first, out var second);
        if (copies > 0)
            _world.After(first, this, to.Index, what);
        if (copies > 1)
            _world.After(second, this, to.Index, what);
    }
}
